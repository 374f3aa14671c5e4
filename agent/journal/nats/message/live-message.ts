import type { PartialRows } from '../../../words/wire.ts';

/** What a gateway sends to the agent that writes a log, where the store lacks its record or lines. */
export const lookAgain = 'look again';

/** What an agent answers to whoever asks who writes a log. */
export interface WriterAnswer {
  /** Tells it from any other agent that has the same log. */
  session: string;
  /** The last line that it has, in the store or not; 0 where it does not say. */
  last: number;
  /** What is not a line yet. */
  partials: PartialRows[];
}

/** Undefined for what is none: whoever may publish there can send anything. */
export function parsePartial(text: string): PartialRows | undefined {
  const value = parsed(text);
  return isPartial(value) ? value : undefined;
}

/** Undefined for what is none. */
export function parseWriterAnswer(text: string): WriterAnswer | undefined {
  const value = parsed(text) as Partial<Record<keyof WriterAnswer, unknown>> | null | undefined;
  if (typeof value?.session !== 'string') return undefined;
  return {
    session: value.session,
    last: Number.isSafeInteger(value.last) ? (value.last as number) : 0,
    partials: Array.isArray(value.partials) ? value.partials.filter(isPartial) : [],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isPartial(value: unknown): value is PartialRows {
  if (typeof value !== 'object' || value === null) return false;
  const { source, stream, rows } = value as Partial<Record<keyof PartialRows, unknown>>;
  return (
    (source === undefined || typeof source === 'string') &&
    (stream === undefined || stream === 'stderr') &&
    Array.isArray(rows) &&
    rows.every((row) => typeof row === 'string')
  );
}
