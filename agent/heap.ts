import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8's space for new objects as large as it is now: a few MiB. It would grow to 32 MiB (64 in newer versions of Node) with the
 * requests of a thousand clients, and never shrink again. For the whole process, so for its owner to decide; a program that is started
 * by its first line can't be given Node's own options for that.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
