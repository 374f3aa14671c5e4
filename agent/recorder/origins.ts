import type { Redactor } from '../text/redact/redact.ts';
import type { Origin } from '../words/line.ts';

/**
 * Says where and when lines come from, as it stands in the log: without secrets, and without the name of an only
 * source.
 */
export interface Origins {
  /** The source's name in origins; undefined where they leave it out. */
  nameOf(source: string | undefined): string | undefined;
  /** The origin of lines that are read now, or were so many milliseconds ago. */
  at(source: string | undefined, extra: Omit<Origin, 'time' | 'source'>, ageMs?: number): Origin;
  withoutSecrets(text: string): string;
}

export interface OriginsOptions {
  onlySource: string | undefined;
  redactor: Redactor | undefined;
  /** Milliseconds since the epoch. */
  now: () => number;
}

export function createOrigins({ onlySource, redactor, now }: OriginsOptions): Origins {
  const withoutSecrets = (text: string) => redactor?.text(text) ?? text;
  const nameOf = (source: string | undefined) =>
    source === undefined || source === onlySource ? undefined : withoutSecrets(source);
  return {
    nameOf,
    at(source, extra, ageMs = 0) {
      const time = now() - ageMs;
      const name = nameOf(source);
      return name === undefined ? { time, ...extra } : { time, source: name, ...extra };
    },
    withoutSecrets,
  };
}
