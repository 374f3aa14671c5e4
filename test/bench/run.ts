import { parseArgs } from 'node:util';
import build from '../support/built-program.ts';
import { createBench } from './bench.ts';
import { killAll } from './processes.ts';
import { measureProgram } from './programs/sse-tail.ts';
import { measureRow } from './rounds.ts';
import type { Result, Row } from './row.ts';
import { row as backlog } from './rows/backlog.ts';
import { row as bytes } from './rows/bytes.ts';
import { row as command } from './rows/command.ts';
import { row as compressed } from './rows/compressed.ts';
import { row as crowd } from './rows/crowd.ts';
import { row as fanOut } from './rows/fan-out.ts';
import { row as file } from './rows/file.ts';
import { row as filtered } from './rows/filtered.ts';
import { row as idle } from './rows/idle.ts';
import { row as ingest } from './rows/ingest.ts';
import { row as ingestSearch } from './rows/ingest-search.ts';
import { row as latency } from './rows/latency.ts';
import { row as memory } from './rows/memory.ts';
import { row as page } from './rows/page.ts';
import { row as pageLarge } from './rows/page-large.ts';
import { row as pageLive } from './rows/page-live.ts';
import { row as redaction } from './rows/redaction.ts';
import { row as replay } from './rows/replay.ts';
import { row as resume } from './rows/resume.ts';
import { row as search } from './rows/search.ts';
import { row as slowLine } from './rows/slow-line.ts';
import { row as stalled } from './rows/stalled.ts';
import { row as start } from './rows/start.ts';
import { row as storeLatency } from './rows/store-latency.ts';
import { row as storePublish } from './rows/store-publish.ts';
import { row as storeReplay } from './rows/store-replay.ts';
import { row as storeResume } from './rows/store-resume.ts';
import { row as storeViewers } from './rows/store-viewers.ts';
import { markdown, plainText } from './table.ts';

const rows: Row[] = [
  ingest,
  redaction,
  file,
  command,
  backlog,
  replay,
  latency,
  fanOut,
  crowd,
  stalled,
  resume,
  search,
  ingestSearch,
  filtered,
  memory,
  start,
  idle,
  bytes,
  storePublish,
  storeReplay,
  compressed,
  slowLine,
  page,
  storeLatency,
  storeResume,
  storeViewers,
  pageLarge,
  pageLive,
];

const help = `Usage: npm run bench -- [options]

  --only <row>   only this row; may be given several times: ${rows.map(({ name }) => name).join(', ')}
  --runs <n>     runs of each program (default 5), of which the table has the medians
  --smoke        a small version without downloads, for CI: less than a minute, bounds ten times wider,
                 exit code 1 when one of them is missed twice
  --program <p>  measure this build (its agent/main.js) instead of the one in dist, to compare before and after
  --markdown     the table as in docs/performance.md
`;

process.on('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    void bench?.endRow().finally(() => process.exit(1));
    killAll();
  });
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    program: { type: 'string' },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
// A build of yesterday measures what was there yesterday.
if (values.program !== undefined) measureProgram(values.program);
else if (!values.help) build();
const bench = createBench({ isSmoke: values.smoke });
process.exit(values.help ? printHelp() : await run());

function printHelp(): number {
  process.stdout.write(help);
  return 0;
}

async function run(): Promise<number> {
  const unknown = values.only.find((name) => !rows.some((row) => row.name === name));
  const runs = Number(values.runs ?? (values.smoke ? 1 : 5));
  if (unknown !== undefined || !(runs >= 1)) {
    process.stderr.write(
      unknown === undefined ? '--runs expects a number of 1 or more.\n' : `There is no row ${unknown}.\n`,
    );
    process.stderr.write(help);
    return 2;
  }
  const results: Result[] = [];
  for (const row of rows) {
    if (values.only.length > 0 && !values.only.includes(row.name)) continue;
    const measure = () => measureRow(row, bench, runs, (text) => process.stderr.write(`${text}\n`));
    const result = await measure();
    // Somebody else may have had the machine: a real loss is there the second time as well.
    results.push(values.smoke && hasFailed([result], true) ? await measure() : result);
  }
  const circumstances = { runs, isSmoke: values.smoke };
  process.stdout.write(`${(values.markdown ? markdown : plainText)(results, circumstances)}\n`);
  return hasFailed(results, values.smoke) ? 1 : 0;
}

/** A missed bound is a result; what sse-tail could not do at all, or a bound missed tenfold, is a failure. */
function hasFailed(results: readonly Result[], isSmoke: boolean): boolean {
  const couldNot = results.some(({ entrants }) =>
    entrants.some(({ name, failure }) => name.startsWith('sse-tail') && failure !== undefined),
  );
  return couldNot || (isSmoke && results.some(({ verdicts }) => verdicts.some(({ state }) => state === 'missed')));
}
