import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Performance, perform } from '../support/follow-stage.ts';
import { type Scenario, scenarios } from '../support/tail-scenarios.ts';

/** As many as keep two cores busy: most of a scenario is waiting. */
const atOnce = 8;

const performances = new Map<Scenario, Performance | Error>();

beforeAll(async () => {
  const waiting = [...scenarios];
  const work = async () => {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      performances.set(scenario, await play(scenario).catch((error) => error as Error));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
});

function play({ follow = ['app.log'], followByTail = follow, lines = 'all', before, run }: Scenario) {
  return perform({
    follow,
    followByTail,
    lines,
    before: (stage) => before?.(stage),
    run: async (stage) => run?.(stage),
  });
}

afterAll(() => {
  const failed = scenarios.some((scenario) => verdictOf(scenario).sseTail !== 'all');
  if (failed || process.env.SHOW_SCENARIOS) console.log(table());
});

interface Verdict {
  tail: string;
  sseTail: string;
}

function verdictOf(scenario: Scenario): Verdict {
  const performance = performances.get(scenario);
  if (performance === undefined || performance instanceof Error) {
    return { tail: '?', sseTail: String(performance?.message) };
  }
  const { expected, byTail, bySseTail } = performance;
  return {
    tail: difference(expected, byTail.map(withoutHole), scenario),
    sseTail: difference(expected, bySseTail, scenario),
  };
}

/** `tail` prints the NULs that a hole reads as. */
function withoutHole(line: string): string {
  return line.replace(/^\0+/, '');
}

function difference(expected: string[], printed: string[], { isUnordered }: Scenario): string {
  const missing = without(expected, printed);
  const extra = without(printed, expected);
  if (missing.length > 0 || extra.length > 0) {
    return [...missing.map((line) => `- ${short(line)}`), ...extra.map((line) => `+ ${short(line)}`)]
      .slice(0, 4)
      .join(', ');
  }
  return isUnordered || expected.every((line, at) => line === printed[at]) ? 'all' : 'all, in another order';
}

/** What is left of the lines when each of the others has taken one away. */
function without(lines: string[], others: string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of others) counts.set(line, (counts.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = counts.get(line) ?? 0;
    counts.set(line, count - 1);
    return count <= 0;
  });
}

function short(line: string): string {
  return JSON.stringify(line.length > 40 ? `${line.slice(0, 40)}…` : line);
}

function table(): string {
  const rows = scenarios.map((scenario) => ({ name: scenario.name, ...verdictOf(scenario) }));
  const width = (of: (row: (typeof rows)[number]) => string) => Math.max(...rows.map((row) => of(row).length));
  const [nameWidth, tailWidth] = [
    width(({ name }) => name),
    Math.min(
      60,
      width(({ tail }) => tail),
    ),
  ];
  return rows
    .map(({ name, tail, sseTail }) => `${name.padEnd(nameWidth)} | ${tail.padEnd(tailWidth)} | ${sseTail}`)
    .join('\n');
}

describe('sse-tail prints each line that has to come, once and in order, as tail -F should', () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
    expect(verdictOf(scenario).sseTail).toBe('all');
  });
});

it('tail -F prints no line that sse-tail does not print', () => {
  const lost = scenarios.filter((scenario) => {
    const performance = performances.get(scenario);
    if (performance === undefined || performance instanceof Error) return true;
    const expected = new Set(performance.expected);
    const printed = new Set(performance.bySseTail);
    // Not what `tail` makes of a line whose beginning it has missed.
    return performance.byTail.map(withoutHole).some((line) => expected.has(line) && !printed.has(line));
  });
  expect(lost.map(({ name }) => name)).toEqual([]);
});
