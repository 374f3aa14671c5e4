import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLines } from '../../agent/cli/logs/read-lines.ts';
import type { LineQuery } from '../../agent/finding/line-query.ts';
import type { Batch } from '../../agent/frame/block.ts';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import type { WritableLog } from '../../agent/journal/store.ts';
import type { Level } from '../../agent/text/level.ts';
import type { Origin } from '../../agent/words/line.ts';
import { until, within } from '../support/deadline.ts';
import { parseEvents, parseLines } from '../support/event-text.ts';
import { ask, open } from '../support/http-client.ts';
import { exited, type ServedLog, serveLog } from '../support/served-log.ts';

/** Sources, streams, and those whose names are before their lines. */
const speakers: readonly { origin: Partial<Origin>; name: string }[] = [
  { origin: {}, name: '' },
  { origin: { stream: 'stderr' }, name: '' },
  { origin: { source: 'b' }, name: '' },
  { origin: { source: 'c' }, name: 'web-1  | ' },
  { origin: { source: 'c' }, name: 'web-2  | ' },
];

/** A line that ends with this goes on in the next one. */
const goesOn = '\\';
const utterances: readonly string[][] = [
  ['worker 3 is done'],
  ['INFO up'],
  ['ERROR needle'],
  ['WARN slow'],
  ['{', '  "msg": "needle",', '  "level": "error"', '}'],
  ['{', '  "msg": "x",', '  "level": "warn"', '}'],
  ['{', '  "a": 1,', '}'],
  ['boom: needle', '\tat a.b.C.d(C.java:1)', 'Caused by: java.io.IOException: no', '\t... 3 more'],
  ['/srv/a.js:3', 'throw new Problem("needle")', '      ^', '', 'Error: needle', '    at main (/srv/a.js:3:1)'],
  [`{"msg":"needle",${goesOn}`, `"a":1,${goesOn}`, '"level":"error"}'],
  ['Traceback (most recent call last):', '  File "a.py", line 1, in f', 'ValueError: needle'],
];

interface Said {
  speaker: number;
  texts: string[];
}

/** What each speaker says, line by line, and how their lines are mixed: who says the next one, in which batch. */
function sayings(most: number, mostSpeakers: number): fc.Arbitrary<Said[]> {
  const speaker = fc.nat(mostSpeakers - 1);
  return fc
    .tuple(
      fc.array(fc.tuple(speaker, fc.constantFrom(...utterances)), { minLength: 1, maxLength: most }),
      fc.infiniteStream(speaker),
      fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    )
    .map(([records, turns, sizes]) => {
      const queues = speakers.map((_, of) => records.filter(([by]) => by === of).flatMap(([, texts]) => texts));
      const batches: Said[] = [];
      while (queues.some((queue) => queue.length > 0)) {
        const speaker = turns.next().value as number;
        const texts = queues[speaker]?.splice(0, sizes.next().value as number) ?? [];
        if (texts.length > 0) batches.push({ speaker, texts });
      }
      return batches;
    });
}

interface Asked {
  level: readonly Level[];
  q?: string;
  before?: number;
  after?: number;
  record?: boolean;
  tail?: number;
  from?: number;
}

const asking: fc.Arbitrary<Asked> = fc.record(
  {
    level: fc.constantFrom<readonly Level[]>(['error'], ['warn'], ['error', 'warn'], ['info']),
    q: fc.constantFrom('needle', 'a'),
    before: fc.nat(3),
    after: fc.nat(3),
    record: fc.constant(true),
    tail: fc.integer({ min: 1, max: 4 }),
    from: fc.integer({ min: 1, max: 6 }),
  },
  { requiredKeys: ['level'] },
);

function textOf({ level, record, ...rest }: Asked): string {
  const given = Object.entries(rest).map(([name, value]) => [name, String(value)]);
  return new URLSearchParams([['level', level.join()], ...given, ...(record ? [['record', '1']] : [])]).toString();
}

function queryOf({ level, q, before = 0, after = 0, record }: Asked): LineQuery {
  return {
    level,
    ...(q !== undefined && { pattern: { text: q, isRegex: false, case: 'smart', isWord: false } }),
    ...(record && { hasRecords: true }),
    not: [],
    before,
    after,
  };
}

/** One that asks for lines while the log grows. */
interface Client extends AsyncDisposable {
  /** Ids of what it has, in the order in which they came. */
  ids(): Promise<number[]>;
  /** What it does between two batches. */
  pause?(at: number): Promise<void>;
}

interface GrowingLog {
  log: WritableLog;
  url(query: string): string;
  say(batch: Said): Promise<void>;
}

type Connect = (log: GrowingLog, asked: Asked) => Promise<Client>;

const idsOfRows = (rows: readonly string[]) => rows.filter((row) => row !== '').map((row) => Number.parseInt(row, 10));

const clients: Record<string, Connect> = {
  async 'a stream of events'({ url }, asked) {
    const stream = await open(url(textOf(asked)));
    return {
      async ids() {
        await stream.whole();
        return stream.ids;
      },
      [Symbol.asyncDispose]: async () => stream[Symbol.dispose](),
    };
  },

  async 'a stream of events that breaks again and again'({ url }, asked) {
    const had: number[] = [];
    let stream = await open(url(textOf(asked)));
    let last: string | undefined;
    const leave = () => {
      had.push(...stream.ids);
      for (const { id } of parseEvents(stream.body)) last = id ?? last;
      stream[Symbol.dispose]();
    };
    const come = async () => {
      stream = await open(url(textOf(asked)), last === undefined ? {} : { headers: { 'Last-Event-ID': last } });
    };
    return {
      async pause(at) {
        if (at % 2 === 0) return;
        leave();
        await come();
      },
      async ids() {
        // Nobody says what an answer without a body would: there is nothing more.
        if (stream.status !== 204) await stream.whole();
        leave();
        return had;
      },
      [Symbol.asyncDispose]: async () => stream[Symbol.dispose](),
    };
  },

  async 'a stream of JSON lines'({ url }, asked) {
    const stream = await open(url(`format=ndjson&${textOf(asked)}`));
    return {
      async ids() {
        const rows = (await stream.whole()).split('\n').filter((row) => row !== '');
        return rows.map((row) => (JSON.parse(row) as { id: number }).id);
      },
      [Symbol.asyncDispose]: async () => stream[Symbol.dispose](),
    };
  },

  async 'a stream of CSV'({ url }, asked) {
    const stream = await open(url(`format=csv&${textOf(asked)}`));
    return {
      ids: async () => idsOfRows((await stream.whole()).split('\r\n').slice(1)),
      [Symbol.asyncDispose]: async () => stream[Symbol.dispose](),
    };
  },

  async 'a command that follows the log'({ log }, asked) {
    const ids: number[] = [];
    const sink = {
      async lines(events: Buffer) {
        ids.push(...parseLines(events.toString()).map(({ id }) => id));
      },
      gap: () => undefined,
      isBroken: false,
    };
    const { tail, from } = asked;
    const range = { ...(tail !== undefined && { tail }), ...(from !== undefined && { from }) };
    const reading = readLines(log, { range, query: queryOf(asked), follow: true }, sink);
    let readTo = 0;
    const done = (async () => {
      for (let mayBeMore = true; mayBeMore; ) {
        const { lastId } = log.journal;
        mayBeMore = await reading.read();
        readTo = lastId;
        if (mayBeMore) await reading.news();
      }
    })();
    return {
      async pause() {
        await until('what there is', () => readTo === log.journal.lastId);
      },
      async ids() {
        await within('the end', done);
        return ids;
      },
      async [Symbol.asyncDispose]() {
        sink.isBroken = true;
        reading.close();
      },
    };
  },
};

describe('lines whose level is said by later ones', () => {
  let served: ServedLog;
  beforeAll(async () => {
    served = await serveLog();
  });
  afterAll(() => served[Symbol.asyncDispose]());

  async function createLog(): Promise<GrowingLog & AsyncDisposable> {
    const log = await served.store.create({ kind: 'command', name: 'run', cwd: served.dir });
    log.addSource('default');
    const builder = createBatchBuilder(1);
    let time = Date.UTC(2026, 10, 28, 9);
    return {
      log,
      url: (query) => served.url(`logs/${log.info.id}/events?${query}`),
      async say({ speaker, texts }) {
        const { origin, name } = speakers[speaker] as (typeof speakers)[number];
        time += 100;
        for (const text of texts) {
          const isContinued = text.endsWith(goesOn);
          const bytes = Buffer.from(name + (isContinued ? text.slice(0, -goesOn.length) : text));
          builder.origin({ ...origin, time, ...(isContinued && { continued: true }) });
          builder.line(bytes, 0, bytes.length);
        }
        await log.journal.append(builder.take() as Batch);
      },
      [Symbol.asyncDispose]: () => log.close(),
    };
  }

  /** What is found of the log as it is now, whoever has asked before. */
  async function foundNow({ url }: GrowingLog, { tail, ...asked }: Asked): Promise<number[]> {
    return (await ask(url(`follow=0&${textOf(asked)}`))).ids;
  }

  /**
   * Says the batches, of which a client finds `cut` when it comes. Returns what it has got in the end, and when each
   * line was known to be found: 0 where that was when it came.
   */
  async function followed(connect: Connect, batches: readonly Said[], cut: number, asked: Asked) {
    await using log = await createLog();
    const known = new Map<number, number>();
    const note = async (stage: number) => {
      for (const id of await foundNow(log, asked)) if (!known.has(id)) known.set(id, stage);
    };
    for (const batch of batches.slice(0, cut)) await log.say(batch);
    await note(0);
    await using client = await connect(log, asked);
    await note(0);
    for (const [at, batch] of batches.slice(cut).entries()) {
      await log.say(batch);
      await note(at + 1);
      await client.pause?.(at);
    }
    log.log.setStatus(exited);
    return { ids: await client.ids(), known };
  }

  describe.each(Object.entries(clients))('come once and in order to %s', (_, connect) => {
    it.each([1, speakers.length])('of so many speakers: %i', async (count) => {
      await fc.assert(
        fc.asyncProperty(sayings(6, count), fc.nat(99), asking, async (batches, percent, asked) => {
          const cut = Math.floor((percent / 100) * (batches.length + 1));
          const { ids, known } = await followed(connect, batches, cut, asked);
          expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
          expect([...known.keys()]).toEqual(expect.arrayContaining(ids));
          // The last ones are those that were known when they were looked for: a batch may come before that.
          const begun = asked.tail === undefined ? -1 : Math.min(...ids.map((id) => known.get(id) as number));
          const missed = [...known].filter(([id, stage]) => {
            if (ids.includes(id) || (asked.tail !== undefined && stage === 0) || (ids.length > 0 && stage <= begun))
              return false;
            return !ids.some((sent) => sent > id && (known.get(sent) as number) < stage);
          });
          expect(missed).toEqual([]);
        }),
        { numRuns: 20 },
      );
    });
  });

  describe.each(Object.entries(clients))('come to %s', (_, connect) => {
    it('that has asked for the last ones before, at the end of the log', async () => {
      const batches = [
        { speaker: 0, texts: ['ERROR first', 'up', '{'] },
        { speaker: 0, texts: ['  "msg": "it broke",', '  "level": "error"', '}'] },
        { speaker: 0, texts: ['boom'] },
        { speaker: 0, texts: ['\tat a.b.C.d(C.java:1)', 'Caused by: java.io.IOException: no'] },
        { speaker: 0, texts: ['up'] },
      ];
      for (const cut of [1, 3]) {
        const { ids } = await followed(connect, batches, cut, { level: ['error'], tail: 9 });
        expect(ids).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
      }
    });
  });

  it.each(Object.entries(clients))('take no lines from a newer match that come with it: %s', async (_, connect) => {
    const batches = [
      { speaker: 0, texts: ['{', '  "msg": "needle",'] },
      { speaker: 1, texts: ['ERROR needle'] },
      { speaker: 0, texts: ['  "level": "error"', '}'] },
      { speaker: 1, texts: ['up', 'up'] },
    ];
    const { ids } = await followed(connect, batches, 0, { level: ['error'], q: 'needle', after: 3 });
    expect(ids).toEqual([3, 4, 5, 6]);
  });

  it('are no reason to come back for more of a log that is finished', async () => {
    await using log = await createLog();
    await log.say({ speaker: 0, texts: ['ERROR first', 'up', '{'] });
    for (const query of ['level=error&tail=5', 'level=error', 'q=ERROR&before=2']) {
      using stream = await open(log.url(query));
      await until('what there is', () => stream.ids.length === 1);
      log.log.setStatus(exited);
      const last = parseEvents(await stream.whole()).findLast(({ id }) => id !== undefined)?.id;
      expect([query, last]).toEqual([query, '3']);
      const again = await ask(log.url(query), { headers: { 'Last-Event-ID': last as string } });
      expect(again.status).toBe(204);
      log.log.setStatus({ state: 'running', startedAt: exited.startedAt });
    }
  });
});
