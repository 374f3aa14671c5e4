import type { Outline, OutlineGroup, Problem } from '../../words/finding.ts';
import { levelCodes } from '../lines/levels.ts';
import { type Chunk, everybody, levelCodeAt, type PlacedMarker, runKey, type Speaker } from './chunk.ts';
import { timeAt } from './times.ts';

/** A group that has not ended yet. */
interface OpenGroup {
  group: OutlineGroup;
  key: string;
  speaker: Speaker;
  /** Until the next one of its key, not until an end. */
  isSection: boolean;
  startedAt: number;
}

/** Of each end of a log with very many. */
const mostProblemsAtEnds = 1000;
const mostGroups = 20_000;

/**
 * @param chunks follow each other without a gap
 * @param isFinished no line will be added
 */
export function outlineOf(chunks: readonly Chunk[], firstId: number, isFinished: boolean): Outline {
  const groups = createGroups(chunks);
  for (const { markers } of chunks) for (const placed of markers) if (placed.id >= firstId) groups.take(placed);
  const problems = chunks.flatMap((chunk) => chunk.problems).filter(({ id }) => id >= firstId);
  const from = Math.max(firstId, chunks[0]?.firstId ?? 1);
  return {
    groups: groups.finish(isFinished),
    problems: atEnds(problems),
    errors: sum(chunks, ({ errors }) => errors),
    warnings: sum(chunks, ({ warnings }) => warnings),
    firstError: problems.find(({ level }) => level === 'error') ?? null,
    known: chunks.length === 0 ? [1, 0] : [from, chunks.at(-1)?.lastId ?? 0],
  };
}

function sum(chunks: readonly Chunk[], of: (chunk: Chunk) => number): number {
  return chunks.reduce((total, chunk) => total + of(chunk), 0);
}

function atEnds(problems: Problem[]): Problem[] {
  if (problems.length <= 2 * mostProblemsAtEnds) return problems;
  return [...problems.slice(0, mostProblemsAtEnds), ...problems.slice(-mostProblemsAtEnds)];
}

function createGroups(chunks: readonly Chunk[]) {
  const groups: OutlineGroup[] = [];
  let open: OpenGroup[] = [];

  function begin(
    placed: PlacedMarker,
    title: string,
    key: string,
    isSection: boolean,
    isCollapsed: boolean,
    at: number,
  ): void {
    const depth = open.filter(({ speaker }) => holds(speaker, placed.speaker)).length;
    const group: OutlineGroup = {
      ...{ title: title.slice(0, 500), from: placed.id, to: placed.id, ms: null, depth, level: null, state: 'running' },
      ...(isCollapsed && { collapsed: true }),
    };
    if (groups.length < mostGroups) groups.push(group);
    open.push({ group, key, speaker: placed.speaker, isSection, startedAt: at });
  }

  function end(one: OpenGroup, lastId: number, at: number, isFailed = false, ms?: number): void {
    open = open.filter((other) => other !== one);
    const { group } = one;
    group.to = Math.max(group.from, lastId);
    group.ms ??= ms ?? Math.max(0, at - one.startedAt);
    group.level = worstLevel(chunks, group.from, group.to);
    if (group.state === 'running') group.state = isFailed ? 'failed' : 'done';
  }

  /** The innermost one of a speaker, and what is open inside of it. */
  function from(speaker: Speaker, isIt: (one: OpenGroup) => boolean): OpenGroup[] {
    const mine = open.filter((one) => isSame(one.speaker, speaker));
    const at = mine.findLastIndex(isIt);
    return at === -1 ? [] : mine.slice(at).reverse();
  }

  function take(placed: PlacedMarker): void {
    const { id, speaker, marker } = placed;
    if (marker.type === 'problem') return;
    const isOfKey = ({ key }: OpenGroup) => key === marker.key;
    if (marker.type === 'open') {
      begin(placed, marker.title, marker.key, false, marker.collapsed === true, marker.time ?? placed.time);
    } else if (marker.type === 'section') {
      const before = marker.key === runKey ? [...open].reverse() : from(speaker, isOfKey);
      for (const one of before) end(one, id - 1, placed.time);
      begin(placed, marker.title, marker.key, true, marker.collapsed === true, placed.time);
    } else if (marker.type === 'close') {
      for (const one of from(speaker, isOfKey)) {
        const isMeant = one.key === marker.key;
        end(one, id, marker.time ?? placed.time, isMeant && marker.isFailed === true, isMeant ? marker.ms : undefined);
      }
    } else amend(speaker, marker);
  }

  function amend(speaker: Speaker, marker: { type: 'failed' | 'took' | 'expand'; key: string; ms?: number }): void {
    const [group] = from(speaker, ({ key }) => key.startsWith(marker.key)).slice(-1);
    if (group === undefined) return;
    if (marker.type === 'failed') group.group.state = 'failed';
    if (marker.type === 'took') group.group.ms = marker.ms ?? null;
    if (marker.type === 'expand') delete group.group.collapsed;
  }

  function finish(isFinished: boolean): OutlineGroup[] {
    const last = chunks.at(-1);
    if (last === undefined) return groups;
    for (const one of [...open].reverse()) {
      if (isFinished) end(one, last.lastId, timeAt(last, last.lastId));
      else {
        one.group.to = last.lastId;
        one.group.level = worstLevel(chunks, one.group.from, last.lastId);
      }
    }
    return groups;
  }

  return { take, finish };
}

function isSame(a: Speaker, b: Speaker): boolean {
  return a.stream === b.stream && a.flow === b.flow;
}

/** Whether the groups of one may be around those of another. */
function holds(outer: Speaker, inner: Speaker): boolean {
  return outer === everybody || (outer.stream === inner.stream && (outer.flow === '' || outer.flow === inner.flow));
}

function worstLevel(chunks: readonly Chunk[], from: number, to: number): OutlineGroup['level'] {
  let worst = 0;
  for (const chunk of chunks) {
    if (chunk.lastId < from || chunk.firstId > to) continue;
    const isWhole = chunk.firstId >= from && chunk.lastId <= to;
    if (isWhole)
      worst = Math.max(worst, chunk.errors > 0 ? levelCodes.error : chunk.warnings > 0 ? levelCodes.warn : 0);
    else worst = Math.max(worst, worstIn(chunk, Math.max(from, chunk.firstId), Math.min(to, chunk.lastId)));
    if (worst === levelCodes.error) return 'error';
  }
  return worst === levelCodes.warn ? 'warn' : null;
}

function worstIn(chunk: Chunk, from: number, to: number): number {
  let worst = 0;
  for (let id = from; id <= to; id++) {
    const code = levelCodeAt(chunk, id);
    if (code === levelCodes.error) return code;
    if (code === levelCodes.warn) worst = code;
  }
  return worst;
}
