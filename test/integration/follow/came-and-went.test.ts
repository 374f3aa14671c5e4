import { renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createFileSource } from '../../../agent/sources/file/file.ts';
import type { Sink } from '../../../agent/sources/source.ts';
import { until } from '../../support/deadline.ts';
import { followedDirectory, openFiles } from '../../support/followed-directory.ts';
import { createRecordingSink } from '../../support/recording-sink.ts';

const stage = followedDirectory();
const { follow, write, rotateTo } = stage;

/** `app.log` becomes `app.log.1`, and what was that is removed. */
function rotateAndRemoveOlder(): void {
  renameSync(stage.at('app.log.1'), stage.at('app.log.2'));
  rotateTo('app.log.1');
  unlinkSync(stage.at('app.log.2'));
}

const isClosed = () => !openFiles().some((path) => path.startsWith(stage.directory) && path.endsWith('(deleted)'));

test.concurrent('a file that came and went before the one that was read was removed, and nothing came in its place for long', async () => {
  write('one\n');
  const { has } = await follow();
  await has('one');
  rotateTo('app.log.1');
  write('two\n');
  rotateAndRemoveOlder();
  await until('the file that was removed is left', isClosed);
  write('three\n');
  await has('one', 'two', 'three');
});

test.concurrent('a file that came and went while the one before it was being left', async () => {
  write('one\n');
  const sink = createRecordingSink();
  let meanwhile: (() => Promise<void>) | undefined;
  const hooked: Sink = {
    ...sink,
    channel(...args) {
      const channel = sink.channel(...args);
      return {
        ...channel,
        end(position) {
          const ended = channel.end(position);
          const act = meanwhile;
          meanwhile = undefined;
          return act === undefined ? ended : act();
        },
      };
    },
  };
  const source = createFileSource({ paths: [stage.path], start: 'all' });
  await source.start(hooked);
  try {
    await sink.until(() => sink.lines.length === 1, 'the first line');
    unlinkSync(stage.path);
    await new Promise<void>((resolve) => {
      meanwhile = async () => {
        write('two\n');
        rotateTo('app.log.1');
        const { mtimeMs } = statSync(stage.at('app.log.1'));
        await until('the clock has ticked on', () => {
          writeFileSync(stage.at('clock'), 'x');
          return statSync(stage.at('clock')).mtimeMs > mtimeMs + 40;
        });
        resolve();
      };
    });
    write('three\n');
    await sink.until(() => sink.lines.length >= 3, 'all lines').catch(() => {});
    expect(sink.lines).toEqual(['one', 'two', 'three']);
  } finally {
    await source.stop();
  }
});
