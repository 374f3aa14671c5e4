import { isatty, type ReadStream, type WriteStream } from 'node:tty';

/*
 * Node's own `process.stdin`, `stdout` and `stderr` make a pipe non-blocking, and with it the pipe of everybody who
 * shares it. They are for terminals only.
 */

/** Standard input where it is a terminal. */
export function terminalInput(): ReadStream | undefined {
  return isatty(0) ? process.stdin : undefined;
}

/** Standard output or standard error where it is a terminal. */
export function terminalOutput(fd: 1 | 2): WriteStream | undefined {
  if (!isatty(fd)) return undefined;
  return fd === 1 ? process.stdout : process.stderr;
}
