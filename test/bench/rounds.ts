import type { Bench } from './bench.ts';
import type { Result, Row } from './row.ts';
import { judge } from './verdict.ts';

/** Bounds in the smoke version: a tenfold loss is noticed, a noisy machine is not. */
const smokeSlack = 10;

/**
 * Asks a row's question in rounds (A B C, A B C …), so that whatever else the machine does meanwhile meets all of them.
 * Who fails is out, and the table says why.
 */
export async function measureRow(
  row: Row,
  bench: Bench,
  runs: number,
  progress: (text: string) => void,
): Promise<Result> {
  try {
    const entrants = await row.prepare(bench);
    const results: Result['entrants'] = entrants.map(({ name }) => ({ name, samples: [] }));
    for (let round = 0; round < runs; round++) {
      for (const [i, entrant] of entrants.entries()) {
        const result = results[i] as Result['entrants'][number];
        if (result.failure !== undefined || round >= (entrant.mostRuns ?? runs)) continue;
        progress(`${row.name}: ${entrant.name}, run ${round + 1}`);
        try {
          result.samples.push(await entrant.measure());
        } catch (error) {
          result.failure = error instanceof Error ? error.message : String(error);
        }
      }
    }
    const takesPart = (name: string) => entrants.some((entrant) => entrant.name === name);
    const checks = row.checks.filter(
      ({ entrant = 'sse-tail', to = entrant, isForFullLoad }) =>
        takesPart(entrant) && takesPart(to) && !(bench.isSmoke && isForFullLoad),
    );
    const verdicts = checks.map((check) => judge(check, results, bench.isSmoke ? smokeSlack : 1));
    return { row, title: row.title(bench), entrants: results, verdicts };
  } finally {
    await bench.endRow();
  }
}
