import { setFlagsFromString } from 'node:v8';

/*
 * Imported for its effect, and first: V8's space for new objects stays as large as it is then, 1 MiB. It would grow to 4 MiB with the modules
 * that are loaded, to 32 MiB (64 in newer versions of Node) with the requests of a thousand clients, and never shrink again; what follows
 * them is buffers. It is for the whole process, so for the program to decide and not for the library; and a program that is started by its
 * first line can't be given Node's own options.
 */
setFlagsFromString('--semi-space-growth-factor=1');
