import type { Check, Result, Sample, Verdict } from './row.ts';
import { median } from './statistics.ts';

type Samples = Result['entrants'];

/**
 * Whether a bound is kept.
 * @param slack bounds are taken this many times wider; what must not happen at all (at most 0) must not happen
 */
export function judge(check: Check, entrants: Samples, slack: number): Verdict {
  const measured = measuredValue(check, entrants);
  const { atLeast, atMost } = check;
  const isMet =
    (atLeast === undefined || measured >= atLeast / slack) && (atMost === undefined || measured <= atMost * slack);
  return { check, measured, state: Number.isNaN(measured) ? 'unknown' : isMet ? 'met' : 'missed' };
}

/** The median of a measure over an entrant's runs; NaN where there is none. */
export function medianOf(samples: readonly Sample[], measure: string): number {
  return median(samples.map((sample) => sample[measure] ?? Number.NaN).filter((value) => !Number.isNaN(value)));
}

function measuredValue(check: Check, entrants: Samples): number {
  const { measure, entrant = 'sse-tail', to, is = 'ratio' } = check;
  const own = samplesOf(entrants, entrant);
  if (to === undefined) return isForbidden(check) ? most(own, measure) : medianOf(own, measure);
  const others = samplesOf(entrants, to);
  if (is === 'difference') return medianOf(own, measure) - medianOf(others, measure);
  // Round by round: what else happens on the machine happens to both.
  const rounds = Math.min(own.length, others.length);
  const ratios = own.slice(0, rounds).map((sample, round) => ratio(sample[measure], others[round]?.[measure]));
  return median(ratios.filter((value) => !Number.isNaN(value)));
}

function isForbidden({ atMost }: Check): boolean {
  return atMost === 0;
}

/** Losing lines once in five runs is losing lines: no median here. */
function most(samples: readonly Sample[], measure: string): number {
  return samples.length === 0 ? Number.NaN : Math.max(...samples.map((sample) => sample[measure] ?? Number.NaN));
}

function samplesOf(entrants: Samples, name: string): Sample[] {
  return entrants.find((entrant) => entrant.name === name)?.samples ?? [];
}

function ratio(own: number | undefined, other: number | undefined): number {
  return own === undefined || other === undefined ? Number.NaN : own / other;
}
