import { appendFileSync, closeSync, constants, openSync, write, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import { createCommandSource } from '../../agent/sources/command/command.ts';
import { createFileSource } from '../../agent/sources/file/file.ts';
import { createStdinSource } from '../../agent/sources/stdin.ts';
import { execFileSync } from '../support/sync-child.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { type SourceStage, sourceSuite } from './source-suite.ts';

/** A command that prints what is written to a FIFO, until that is closed. */
async function command(tty: boolean): Promise<SourceStage> {
  const fifo = join(await tempFolder(), 'fifo');
  execFileSync('mkfifo', [fifo]);
  // On a pseudo-terminal a line end would get a CR before it.
  const script = `${tty ? 'stty -opost; ' : ''}exec cat "$0"`;
  const source = createCommandSource({ argv: ['sh', '-c', script, fifo], tty, quiet: true });
  // Both ends: opening it waits for nobody.
  const fd = openSync(fifo, constants.O_RDWR);
  return {
    source,
    print: (text) => writeAll(fd, Buffer.from(text)),
    end: () => closeSync(fd),
  };
}

const writeFd = promisify(write);

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await writeFd(fd, bytes, at)).bytesWritten;
}

sourceSuite('a command on pipes', () => command(false));
sourceSuite('a command on a pseudo-terminal', () => command(true));

sourceSuite('standard input', async () => {
  const input = new PassThrough();
  return {
    source: createStdinSource({ input, quiet: true }),
    // In pieces, as a pipe gives them.
    print(text) {
      for (let at = 0; at < text.length; at += 16_384) input.write(text.slice(at, at + 16_384));
    },
    end: () => void input.end(),
  };
});

sourceSuite('a followed file', async () => {
  const path = join(await tempFolder(), 'app.log');
  writeFileSync(path, '');
  return {
    source: createFileSource({ paths: [path], start: 'all' }),
    print: (text) => appendFileSync(path, text),
    end: undefined,
  };
});
