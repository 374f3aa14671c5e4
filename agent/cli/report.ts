import { setTimeout as sleep } from 'node:timers/promises';
import { createTee } from '../system/tee.ts';
import { terminalInput, terminalOutput } from '../system/terminal.ts';
import { harmless } from '../words/harmless.ts';

/** Nobody reads on for ever; what is said last is waited for this long. */
const lastWordsMs = 1000;

const stderr = createTee(2);
/** Sentences come out in their order. The one list of this process, as its stderr is one. */
let said: Promise<unknown> = Promise.resolve();

/** Everything that sse-tail itself says goes to stderr: stdout is the command's. */
export function report(sentence: string): void {
  // In a raw terminal LF alone doesn't go back to the first column.
  const end = terminalInput()?.isRaw ? '\r\n' : '\n';
  const line = Buffer.from(`sse-tail: ${harmless(sentence)}${end}`);
  said = said.then(() => stderr.write(line));
}

/** After a `^C` that the terminal has echoed, what the shell says next begins on a line of its own. */
export function endEchoedLine(): void {
  if (terminalOutput(2) !== undefined) said = said.then(() => stderr.write(Buffer.from('\n')));
}

/** Resolves when everything is said, or nobody listens. */
export async function reported(): Promise<void> {
  await Promise.race([said, sleep(lastWordsMs, undefined, { ref: false })]);
}
