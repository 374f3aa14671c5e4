import type { OutlineGroup } from '../../words/finding.ts';
import type { IdRange, PlacedMarker, Speaker } from '../chunks/chunk.ts';

/*
 * Of which lines a group is, where those of others stand between them. A step of BuildKit says where it pauses and
 * continues; lines of TeamCity's flows say whose they are, and all others are of whatever group is around them.
 */

/** A group that has not ended yet. */
export interface PartedGroup {
  group: OutlineGroup;
  speaker: Speaker;
  isListed: boolean;
  parts?: IdRange[];
  isPaused?: boolean;
  /** It says itself where it pauses and continues. */
  isStep?: true;
}

/** Of a group, and of all of them: flows may take turns line by line. After that it has no more lines. */
const mostParts = 1000;
const mostPartsInAll = 50_000;

/** So far it has lines up to this one; a group that pauses has no more than before. */
export function reach({ group, parts, isPaused }: PartedGroup, lastId: number): void {
  if (isPaused) return;
  const last = parts?.at(-1);
  if (parts === undefined || last === undefined) {
    group.to = Math.max(group.from, lastId);
    return;
  }
  // After lines of another flow there may be none.
  if (parts.length > 1 && last.from > lastId) parts.pop();
  else last.to = Math.max(last.from, lastId);
  group.to = parts.at(-1)?.to ?? group.from;
}

/** @param allOf the flow of a speaker, and those that it is a part of */
export function createTurns(allOf: (speaker: Speaker) => readonly string[]) {
  let partsLeft = mostPartsInAll;

  function leaveOut(one: PartedGroup, from: number, to: number): void {
    if (one.isPaused || !one.isListed) return;
    one.parts ??= [{ from: one.group.from, to: one.group.from }];
    const { parts } = one;
    const last = parts.at(-1) as IdRange;
    if (last.from >= from) {
      last.from = to + 1;
      return;
    }
    reach(one, from - 1);
    if (parts.length >= mostParts || partsLeft === 0) one.isPaused = true;
    else {
      partsLeft--;
      parts.push({ from: to + 1, to: to + 1 });
    }
  }

  /** Lines of a flow are of no group of another one, unless it is a part of that. */
  return function turnTo({ id, speaker, marker }: PlacedMarker, open: readonly PartedGroup[]): void {
    if (speaker.flow === '') return;
    const lastId = (marker.type === 'said' ? marker.to : undefined) ?? id;
    let own: readonly string[] | undefined;
    for (const one of open) {
      const { stream, flow } = one.speaker;
      if (flow === '' || flow === speaker.flow || one.isStep || stream !== speaker.stream) continue;
      own ??= allOf(speaker);
      if (!own.includes(flow)) leaveOut(one, id, lastId);
    }
  };
}
