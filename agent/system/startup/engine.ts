import { setFlagsFromString } from 'node:v8';

/*
 * How V8 is to run the program; imported for its effect, and first. It is for the whole process, so for the program to
 * decide and not for the library; and a program that is started by its first line can't be given Node's own options.
 */

/*
 * V8's space for new objects stays as large as it is now, 2 MiB as a rule. It would grow to 4 MiB with the modules that
 * are loaded, to 32 MiB (64 in newer versions of Node) with the requests of a thousand clients, and never shrink again;
 * what follows them is buffers.
 */
setFlagsFromString('--semi-space-growth-factor=1');

/**
 * Lets that space grow from now on, as V8 does by itself: for a command that reads a whole log and ends. Collecting a
 * small space thousands of times takes more than half of its time.
 */
export function letNewSpaceGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}

/*
 * A program that does the same for each line for hours is optimized early, after fewer runs than V8 waits for: each
 * function that is compiled later holds up a few lines for a millisecond or more. Not from the start on, where much
 * runs that won't run again, and what is known of a function is too little: a million lines at once would take a tenth
 * more of the processor.
 *
 * Node 20 compiles what has become hot all at once then, and more lines come late than without. After Node 22 another
 * compiler does most of it, and this gains nothing.
 */
const settledMs = 2000;
if (process.versions.node.startsWith('22.')) {
  setTimeout(() => setFlagsFromString('--invocation-count-for-turbofan=1000'), settledMs).unref();
}
