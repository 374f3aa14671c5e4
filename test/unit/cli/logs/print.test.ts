import { describe, expect, it } from 'vitest';
import { type PrintOptions, printLog } from '../../../../agent/cli/logs/print.ts';
import { until, within } from '../../../support/deadline.ts';
import { exited, type ServedLog, serveLog } from '../../../support/served-log.ts';

/** A printer that keeps what it is given; `acceptBytes` is after how many its reader leaves. */
function createPrinter(acceptBytes = Number.POSITIVE_INFINITY) {
  let text = '';
  return {
    get text() {
      return text;
    },
    get isBroken() {
      return text.length >= acceptBytes;
    },
    async write(bytes: Buffer) {
      if (text.length < acceptBytes) text += bytes.toString();
    },
  };
}

async function printed({ log }: ServedLog, options: Partial<PrintOptions> = {}): Promise<string> {
  const printer = createPrinter();
  await printLog(log, { range: {}, strip: false, follow: false, ...options }, printer);
  return printer.text;
}

describe('a log is printed', () => {
  it('whole, or from where it is asked for', async () => {
    await using served = await serveLog({ lines: 5 });
    expect(await printed(served)).toBe('line 1\nline 2\nline 3\nline 4\nline 5\n');
    expect(await printed(served, { range: { tail: 2 } })).toBe('line 4\nline 5\n');
    expect(await printed(served, { range: { tail: 0 } })).toBe('');
    expect(await printed(served, { range: { tail: 50 } })).toBe(await printed(served));
    expect(await printed(served, { range: { from: 4 } })).toBe('line 4\nline 5\n');
    expect(await printed(served, { range: { from: 9 } })).toBe('');
    expect(await printed(served, { range: { from: 2, to: 3 } })).toBe('line 2\nline 3\n');
    expect(await printed(served, { range: { to: 4, tail: 2 } })).toBe('line 3\nline 4\n');
    expect(await printed(served, { range: { from: 4, tail: 3 } })).toBe('line 4\nline 5\n');
    expect(await printed(served, { range: { tail: 3, limit: 2 } })).toBe('line 3\nline 4\n');
    expect(await printed(served, { range: { to: 9, limit: 1 } })).toBe('line 1\n');
  });

  it('with its pieces joined, and without colors where asked for', async () => {
    await using served = await serveLog();
    await served.append(['\x1b[31mred\x1b[0m ', 'and '], { continued: true });
    await served.append(['blue', 'next']);
    expect(await printed(served)).toBe('\x1b[31mred\x1b[0m and blue\nnext\n');
    expect(await printed(served, { strip: true })).toBe('red and blue\nnext\n');
  });

  it('as far as it went when it was asked for, while it is being written', async () => {
    await using served = await serveLog({ lines: 5 });
    const text = printed(served);
    await served.appendNumbered(5);
    expect((await text).endsWith('line 5\n')).toBe(true);
  });

  it('with what is no longer kept told in its place', async () => {
    await using served = await serveLog({ keeping: { retainBytes: 64 * 1024, segmentBytes: 16 * 1024 } });
    await served.outgrowRetention();
    const { firstId } = served.log.journal;
    expect(await printed(served, { range: { from: 1 } })).toMatch(
      new RegExp(`^\\[sse-tail: lines 1-${firstId - 1} are no longer kept\\]\\n`),
    );
    expect(await printed(served)).not.toContain('[sse-tail');
  });

  it('no further than somebody reads', async () => {
    await using served = await serveLog({ lines: 100_000 });
    const printer = createPrinter(1);
    await printLog(served.log, { range: {}, strip: false, follow: true }, printer);
    expect(printer.text.length).toBeLessThan(1024 * 1024);
  });
});

describe('a log is followed', () => {
  it('until it is finished, every line once', async () => {
    await using served = await serveLog({ lines: 3 });
    const printer = createPrinter();
    const done = printLog(served.log, { range: { tail: 1 }, strip: false, follow: true }, printer);
    for (let i = 0; i < 50; i++) await served.appendNumbered(20, 3);
    await until('the lines so far', () => printer.text.endsWith('line 1003\n'));
    await served.append(['the last']);
    served.log.setStatus(exited);
    await within('the end', done);
    const numbered = Array.from({ length: 1001 }, (_, i) => `line ${i + 3}\n`).join('');
    expect(printer.text).toBe(`${numbered}the last\n`);
  });

  it('to the line, or for the number of lines, that is asked for', async () => {
    await using served = await serveLog({ lines: 3 });
    const texts = [{ to: 5 }, { limit: 5 }, { from: 2, to: 5 }, { tail: 1, limit: 3 }].map(async (range) => {
      const printer = createPrinter();
      await printLog(served.log, { range, strip: false, follow: true }, printer);
      return printer.text;
    });
    await served.appendNumbered(1);
    await served.appendNumbered(4);
    const numbered = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\n`).join('');
    expect(await within('the end', Promise.all(texts))).toEqual([
      numbered(1, 5),
      numbered(1, 5),
      numbered(2, 5),
      numbered(3, 5),
    ]);
  });

  it.each([
    ['an empty log', {}, 0],
    ['one without the first line that may be', { from: 4 }, 3],
  ])('from its last matches on, of which %s has none yet', async (_log, range, lines) => {
    await using served = await serveLog({ lines });
    const pattern = { text: 'x', isRegex: false, case: 'exact', isWord: false } as const;
    const query = { pattern, not: [], before: 0, after: 0 };
    const printers = [0, 2].map((tail) => {
      const printer = createPrinter();
      const options = { range: { ...range, tail }, query, strip: false, follow: true };
      return { printer, done: printLog(served.log, options, printer) };
    });
    await served.append(['x1', 'x2', 'x3', 'x4', 'x5']);
    served.log.setStatus(exited);
    await within('the end', Promise.all(printers.map(({ done }) => done)));
    const all = 'x1\nx2\nx3\nx4\nx5\n';
    expect(printers.map(({ printer }) => printer.text)).toEqual([all, all]);
  });

  it('from a line that does not exist yet', async () => {
    await using served = await serveLog({ lines: 3 });
    const printer = createPrinter();
    const done = printLog(served.log, { range: { from: 5 }, strip: false, follow: true }, printer);
    await served.appendNumbered(3);
    served.log.setStatus(exited);
    await within('the end', done);
    expect(printer.text).toBe('line 5\nline 6\n');
  });
});
