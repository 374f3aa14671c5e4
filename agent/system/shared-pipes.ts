import { Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { createTee } from './tee.ts';

/*
 * Imported for its effect, and early. Node makes a pipe non-blocking as soon as anybody looks at `process.stdout` or
 * `process.stderr` (libraries do, to find out about colors), and with it the pipe of everybody who shares it: a
 * neighbor in the same CI step then gets EAGAIN and loses lines. So these two write as sse-tail itself does, a terminal
 * excepted, which Node opens anew.
 */

for (const [name, fd] of [
  ['stdout', 1],
  ['stderr', 2],
] as const) {
  if (!isatty(fd))
    Object.defineProperty(process, name, { configurable: true, enumerable: true, value: writableOn(fd) });
}

function writableOn(fd: number): Writable {
  const tee = createTee(fd);
  const stream = new Writable({
    decodeStrings: true,
    write(bytes: Buffer, _encoding, done) {
      void Promise.resolve(tee.write(bytes)).then(() => done());
    },
  });
  return Object.assign(stream, { fd });
}
