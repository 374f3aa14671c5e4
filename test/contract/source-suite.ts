import { describe, expect, onTestFinished, test } from 'vitest';
import type { Source } from '../../agent/sources/source.ts';
import { until, within } from '../support/deadline.ts';
import { createRecordingSink, type RecordingSink } from '../support/recording-sink.ts';

/** A source, and whatever prints to it. */
export interface SourceStage {
  source: Source;
  print(text: string): void | Promise<void>;
  /** Brings it to its own end; undefined for a source that has none. */
  end: (() => void | Promise<void>) | undefined;
}

/** What every source must do, whatever it reads. */
export function sourceSuite(name: string, open: () => Promise<SourceStage>): void {
  async function start(): Promise<SourceStage & { sink: RecordingSink }> {
    const stage = await open();
    const sink = createRecordingSink();
    onTestFinished(() => stage.source.stop());
    await within('the start', stage.source.start(sink));
    return { ...stage, sink };
  }

  const numbered = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}`);
  const textOf = (lines: string[]) => lines.map((line) => `${line}\n`).join('');

  describe(name, () => {
    test('says how it stands once it reads, and before it passes on a line', async () => {
      const { sink, print } = await start();
      await until('a status', () => sink.statuses.length > 0);
      expect(sink.lines).toEqual([]);
      expect(['running', 'following']).toContain(sink.statuses[0]?.state);
      await print('one\n');
      await sink.until(() => sink.lines.length === 1, 'the line');
    });

    test('passes on all bytes in their order, also of a line that comes in pieces', async () => {
      const { sink, print } = await start();
      for (const piece of ['on', 'e\ntw', 'o\n', '\n', 'four\nfive\n']) await print(piece);
      await sink.until(() => sink.lines.length === 5, 'five lines');
      expect(sink.lines).toEqual(['one', 'two', '', 'four', 'five']);
      const many = numbered(1, 20_000);
      await print(textOf(many));
      await sink.until(() => sink.lines.length === 5 + many.length, 'many lines');
      expect(sink.lines.slice(5)).toEqual(many);
    });

    test('waits while nobody takes what it passes on, and loses nothing', async () => {
      const { sink, print } = await start();
      const { release } = sink.block();
      const many = numbered(1, 30_000);
      const printing = Promise.resolve(print(textOf(many)));
      await sink.until(() => sink.writes.length > 0, 'the first bytes');
      const before = sink.writes.length;
      // It had every opportunity: a source that does not wait has read on by now.
      for (let turns = 0; turns < 200; turns++) await new Promise((resolve) => setImmediate(resolve));
      expect(sink.writes.length).toBeLessThanOrEqual(before + 1);
      expect(sink.lines.length).toBeLessThan(many.length);
      release();
      await printing;
      await sink.until(() => sink.lines.length === many.length, 'all lines');
      expect(sink.lines).toEqual(many);
    });

    test('that is stopped has passed on what was there, passes on no more, and can be stopped again', async () => {
      const { sink, print, source } = await start();
      await print(textOf(numbered(1, 100)));
      await sink.until(() => sink.lines.length === 100, 'the lines');
      await within('the stop', source.stop());
      const { everything, statuses } = sink;
      const before = [everything.length, statuses.length];
      await within('the second stop', source.stop());
      expect([everything.length, statuses.length]).toEqual(before);
    });

    test('that comes to its end passes on the last bytes and says so after them, once', async () => {
      const { sink, print, source, end } = await start();
      if (end === undefined) return;
      await print('one\nwithout a line end');
      await sink.until(() => sink.lines.length === 1, 'the line');
      await end();
      const outcome = await within('the end', source.ended);
      expect(outcome).toEqual({ code: 0, signal: null });
      expect(sink.lines).toEqual(['one', 'without a line end']);
      const exits = sink.statuses.filter(({ state }) => state === 'exited');
      expect(exits).toEqual([
        { state: 'exited', ...outcome, startedAt: expect.any(Number), endedAt: expect.any(Number) },
      ]);
      expect(sink.statuses.at(-1)).toEqual(exits[0]);
    });
  });
}
