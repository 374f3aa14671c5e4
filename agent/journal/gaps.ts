import type { Gap } from '../words/wire.ts';

/** What of a gap is of line `id` or a later one; undefined where it ends before that. */
export function gapFrom(id: number, { from, to, reason }: Gap): Gap | undefined {
  return to < id ? undefined : { from: Math.max(id, from), to, reason };
}

/** Two gaps as one, where the other one goes on with it; undefined where it does not. */
export function joinedGap(one: Gap, { from, to, reason }: Gap): Gap | undefined {
  return from === one.to + 1 && reason === one.reason ? { ...one, to } : undefined;
}
