import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LineRange, readLines } from '../../../../agent/cli/logs/read-lines.ts';
import type { LineQuery } from '../../../../agent/finding/line-query.ts';
import { defined } from '../../../../agent/words/defined.ts';
import type { Gap } from '../../../../agent/words/wire.ts';
import { parseLines } from '../../../support/event-text.ts';
import { append } from '../../../support/journal.ts';
import { exited, type ServedLog, serveLog } from '../../../support/served-log.ts';

const texts = fc.constantFrom('up', 'needle', 'Error: needle', 'Error: no', '    at f (/srv/a.js:1:1)', 'needle again');
const batches = fc.array(fc.array(texts, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 });

const asking = fc.record(
  {
    limit: fc.integer({ min: 1, max: 4 }),
    from: fc.integer({ min: 1, max: 5 }),
    before: fc.nat(3),
    after: fc.nat(6),
    hasRecords: fc.constant(true),
  },
  { requiredKeys: [] },
);

const needle = { text: 'needle', isRegex: false, case: 'exact', isWord: false } as const;

function queryOf({ before = 0, after = 0, hasRecords }: Partial<LineQuery>): LineQuery {
  return { pattern: needle, not: [], before, after, ...defined({ hasRecords }) };
}

/** What is read: lines by their ids, negative where they are context, and gaps. */
function taking() {
  const taken: (number | Gap)[] = [];
  const sink = {
    async lines(events: Buffer) {
      for (const { id, origin } of parseLines(events.toString())) taken.push(origin.context ? -id : id);
    },
    async gap({ from, to, reason }: Gap) {
      taken.push({ from, to, reason });
    },
    isBroken: false,
  };
  return { taken, sink };
}

describe('lines that are found', () => {
  let served: ServedLog;
  beforeAll(async () => {
    served = await serveLog();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  async function followed(parts: readonly (readonly string[])[], range: LineRange, query: LineQuery) {
    const log = await served.store.create({ kind: 'command', name: 'run', cwd: served.dir });
    const [first = [], ...later] = parts;
    await append(log.journal, first);
    const { taken, sink } = taking();
    const reading = readLines(log, { range, query, follow: true }, sink);
    const whole = taking();
    try {
      let mayBeMore = await reading.read();
      for (const part of later) {
        await append(log.journal, part);
        if (mayBeMore) mayBeMore = await reading.read();
      }
      log.setStatus(exited);
      if (mayBeMore) mayBeMore = await reading.read();
      const readAtOnce = readLines(log, { range, query, follow: false }, whole.sink);
      await readAtOnce.read();
      readAtOnce.close();
    } finally {
      reading.close();
      await log.close();
    }
    return { taken, whole: whole.taken };
  }

  it('are the same, with what is around them, whether they are there or still to come', async () => {
    await fc.assert(
      fc.asyncProperty(batches, asking, async (parts, { limit, from, ...rest }) => {
        const { taken, whole } = await followed(parts, defined({ limit, from }), queryOf(rest));
        expect(taken).toEqual(whole);
      }),
      { numRuns: 150 },
    );
  });

  it('come with the lines after the last one that was asked for, whatever those hold', async () => {
    const parts = [['up', 'needle'], ['after 1'], ['needle'], ['after 3', 'after 4', 'up']];
    const { taken } = await followed(parts, { limit: 1 }, queryOf({ after: 4 }));
    expect(taken).toEqual([2, -3, -4, -5, -6]);
  });
});
