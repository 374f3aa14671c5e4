import type { PartialRows, TaskProgress } from '../../../words/wire.ts';

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
  /** How far the program says that it is. */
  progress?: TaskProgress;
}

/** How far the program says that it is, as the agent sends it when it changes; null once it says so no more. */
export interface ProgressNews {
  progress: TaskProgress | null;
}

/** Unfinished rows, or progress. Undefined for what is none: whoever may publish there can send anything. */
export function parseLive(text: string): PartialRows | ProgressNews | undefined {
  const value = parsed(text);
  if (isPartial(value)) return ownPartial(value);
  const progress = (value as Partial<ProgressNews> | null | undefined)?.progress;
  if (progress === null) return { progress };
  return isProgress(progress) ? { progress: ownProgress(progress) } : undefined;
}

/** Undefined for what is none. */
export function parseWriterAnswer(text: string): WriterAnswer | undefined {
  const value = parsed(text) as Partial<Record<keyof WriterAnswer, unknown>> | null | undefined;
  if (typeof value?.session !== 'string') return undefined;
  return {
    session: value.session,
    last: Number.isSafeInteger(value.last) ? (value.last as number) : 0,
    partials: Array.isArray(value.partials) ? value.partials.filter(isPartial).map(ownPartial) : [],
    ...(isProgress(value.progress) && { progress: ownProgress(value.progress) }),
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

const states: ReadonlySet<unknown> = new Set<TaskProgress['state']>(['normal', 'error', 'indeterminate', 'paused']);

function isProgress(value: unknown): value is TaskProgress {
  const { state, percent } = (value ?? {}) as Partial<Record<keyof TaskProgress, unknown>>;
  if (percent !== undefined && !(typeof percent === 'number' && percent >= 0 && percent <= 100)) return false;
  return states.has(state);
}

/** Nothing else that it holds goes to viewers. */
function ownPartial({ source, stream, rows }: PartialRows): PartialRows {
  return { ...(source !== undefined && { source }), ...(stream !== undefined && { stream }), rows };
}

/** The same. */
function ownProgress({ state, percent }: TaskProgress): TaskProgress {
  return { state, ...(percent !== undefined && { percent }) };
}
