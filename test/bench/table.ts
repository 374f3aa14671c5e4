import { cpus, release, totalmem } from 'node:os';
import type { Check, Result, Unit, Verdict } from './row.ts';
import { medianOf } from './verdict.ts';

export interface Circumstances {
  runs: number;
  isSmoke: boolean;
}

type Table = string[][];

/** For a terminal. */
export function plainText(results: readonly Result[], circumstances: Circumstances): string {
  return [
    machine(circumstances),
    ...results.map((result) => `${result.row.name}: ${result.title}\n${aligned(measured(result))}${failures(result)}`),
    aligned(verdicts(results)),
  ].join('\n\n');
}

/** For docs/performance.md. */
export function markdown(results: readonly Result[], circumstances: Circumstances): string {
  const sections = results.map(
    (result) =>
      `### ${result.row.name}\n\n${capital(result.title)}.\n\n${piped(measured(result))}\n${failures(result)}`,
  );
  return [machine(circumstances), piped(verdicts(results)), ...sections].join('\n\n');
}

/** `1,000,000`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** One line for each program: medians, and how the first program (sse-tail) relates to it. */
function measured({ row, entrants }: Result): Table {
  const measures = Object.entries(row.measures);
  const [own] = entrants;
  const lines = entrants.map(({ name, samples }) => {
    if (samples.length === 0) return [name, ...measures.map(() => '-')];
    const cells = measures.map(([measure, unit]) => {
      const value = medianOf(samples, measure);
      const times = medianOf(own?.samples ?? [], measure) / value;
      const relation = name === own?.name || unit === 'count' || !Number.isFinite(times) ? '' : ` (${short(times)}x)`;
      return `${formatted(value, unit)}${relation}`;
    });
    return [name, ...cells];
  });
  return [['', ...measures.map(([measure]) => measure)], ...lines];
}

/** Why a program has no numbers, or fewer runs. */
function failures({ entrants }: Result): string {
  return entrants.map(({ name, failure }) => (failure === undefined ? '' : `\n  ${name}: ${failure}`)).join('');
}

function verdicts(results: readonly Result[]): Table {
  const lines = results.flatMap(({ row, verdicts }) =>
    verdicts.map((verdict) => [row.name, bound(verdict.check), short(verdict.measured), word(verdict)]),
  );
  return [['row', 'must reach', 'measured', ''], ...lines];
}

function bound({ measure, entrant, to, is, atLeast, atMost }: Check): string {
  const sign = atLeast === undefined ? '≤' : '≥';
  const value = short(atLeast ?? atMost ?? Number.NaN);
  const whose = entrant === undefined ? measure : `${measure} (${entrant})`;
  if (to === undefined) return `${whose} ${sign} ${value}`;
  return is === 'difference' ? `${whose} ${sign} ${value} more than ${to}` : `${whose} ${sign} ${value}x ${to}`;
}

function word({ state }: Verdict): string {
  return { met: 'yes', missed: 'NO', unknown: 'not measured' }[state];
}

function formatted(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '';
  if (unit === 'count') return count(Math.round(value));
  return unit === 'rate' && value >= 1e6 ? `${short(value / 1e6)} M` : short(value);
}

/** Three significant digits. */
function short(value: number): string {
  if (!Number.isFinite(value)) return '';
  return Math.abs(value) >= 1000 ? count(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function machine({ runs, isSmoke }: Circumstances): string {
  const [cpu] = cpus();
  const memoryGB = Math.round(totalmem() / 2 ** 30);
  const what = isSmoke ? 'small version of the work, bounds ten times wider' : `medians of ${runs} runs, in turn`;
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpu?.model.trim()}, ${memoryGB} GB, Linux ${release()}, Node ${process.version}; ${what}. (n x) is sse-tail relative to the program.`;
}

function aligned(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((line) => (line[column] ?? '').length)));
  return table
    .map((line) =>
      line
        .map((cell, i) => (i === 0 ? '  ' : '') + cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function piped(table: Table): string {
  const [head = [], ...lines] = table.map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
