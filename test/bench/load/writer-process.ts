import { openSync, writeSync } from 'node:fs';
import { encodeLines, nowUs } from '../lines.ts';

/** What a writer process has to do; given as JSON in its only argument. It begins when it is told `go`. */
export interface WriterTask {
  path: string;
  /** Number of the first line. */
  first: number;
  lines: number;
  perSecond: number;
}

const task = JSON.parse(process.argv[2] ?? '') as WriterTask;
const file = openSync(task.path, 'a');
const end = task.first + task.lines;
let next = task.first;
let startedUs = 0;

process.on('disconnect', () => process.exit());
process.on('message', () => {
  startedUs = nowUs();
  writeDueLines();
});
process.send?.('ready');

/** Each line is a write of its own, as a program that logs would do it, with the time of that moment. */
function writeDueLines(): void {
  const due = Math.min(end, task.first + 1 + Math.floor(((nowUs() - startedUs) * task.perSecond) / 1e6));
  for (; next < due; next++) writeSync(file, encodeLines(next, 1, nowUs()));
  if (next < end) setTimeout(writeDueLines, 1);
  else process.send?.('done');
}
