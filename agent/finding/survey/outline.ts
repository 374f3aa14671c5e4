import type { Marker } from '../../text/marker.ts';
import { azureKey, githubKey, keptHead, keptStep } from '../../text/markers.ts';
import type { Outline, OutlineGroup } from '../../words/finding.ts';
import { type Chunk, isSame, type PlacedMarker, runKey, type Speaker } from '../chunks/chunk.ts';
import { problemsOf } from '../chunks/problems.ts';
import { timeAt } from '../chunks/times.ts';
import { createFlows, type FlowsGroup } from './flows.ts';
import { createGroupLevels } from './group-levels.ts';
import { createTurns, type PartedGroup, reach } from './group-parts.ts';

/** A group that has not ended yet. */
interface OpenGroup extends FlowsGroup<OpenGroup>, PartedGroup {
  key: string;
  /** Until the next one of its key, not until an end. */
  isSection: boolean;
  startedAt: number;
}

/** What its end says of a group. */
type Closing = Extract<Marker, { type: 'close' }>;
type Ending = Pick<Closing, 'isFailed' | 'code' | 'ms'>;

const mostGroups = 20_000;
const longestTitle = 500;
/** Side by side and inside each other. An output that never ends what it begins would be compared with all of it. */
const mostOpen = 256;

/** The flow of the step with which a build begins: BuildKit numbers them. */
const firstStep = '1';

/**
 * @param chunks follow each other without a gap
 * @param isFinished no line will be added
 */
export function outlineOf(chunks: readonly Chunk[], firstId: number, isFinished: boolean): Outline {
  const groups = createGroups(chunks);
  for (const { markers } of chunks) for (const placed of markers) if (placed.id >= firstId) groups.take(placed);
  const from = Math.max(firstId, chunks[0]?.firstId ?? 1);
  return {
    groups: groups.finish(isFinished),
    ...problemsOf(chunks, firstId),
    known: chunks.length === 0 ? [1, 0] : [from, chunks.at(-1)?.lastId ?? 0],
  };
}

function createGroups(chunks: readonly Chunk[]) {
  const groups: OutlineGroup[] = [];
  const flows = createFlows<OpenGroup>();
  const levels = createGroupLevels(chunks, flows.parentOf);
  let open: OpenGroup[] = [];
  /** Those that nothing ends any more: too many were begun after them. */
  const endless: OpenGroup[] = [];
  const turnTo = createTurns(flows.allOf);

  function begin(
    placed: PlacedMarker,
    title: string,
    key: string,
    isSection: boolean,
    isCollapsed: boolean,
    at: number,
  ): OpenGroup {
    const isListed = groups.length < mostGroups;
    // Of most of a million groups nothing is shown.
    const around = isListed ? flows.around(placed.speaker, open) : [];
    const depth = around.length;
    const group: OutlineGroup = {
      ...{ title: titleOf(title), from: placed.id, to: placed.id, ms: null, depth, level: null, state: 'running' },
      ...(isCollapsed && { collapsed: true }),
    };
    if (isListed) groups.push(group);
    const { speaker } = placed;
    const one: OpenGroup = {
      ...{ group, key, speaker, isSection, startedAt: at, isListed },
      ...{ isOpen: true, outer: around.at(-1) },
    };
    open.push(one);
    if (open.length <= mostOpen) return one;
    const oldest = open.shift() as OpenGroup;
    oldest.isOpen = false;
    if (oldest.isListed) endless.push(oldest);
    return one;
  }

  function beginStep(placed: PlacedMarker, { title, key }: { title: string; key: string }): void {
    const { id, speaker, time } = placed;
    const [before] = from(speaker, (one) => one.key === key);
    if (before?.isPaused && before.group.title === titleOf(title)) {
      before.isPaused = false;
      before.parts?.push({ from: id, to: id });
      return;
    }
    if (before !== undefined) end(before, id - 1, time);
    // Of a build that was killed nothing says that its steps have ended.
    const { stream, flow } = speaker;
    if (flow === firstStep)
      for (const one of open) if (one.key === key && one.speaker.stream === stream) end(one, id - 1, time);
    const step = begin(placed, title, key, false, false, time);
    step.parts = [{ from: id, to: id }];
    step.isStep = true;
  }

  function pause(one: OpenGroup | undefined, id: number): void {
    if (one === undefined || one.isPaused) return;
    reach(one, id);
    one.isPaused = true;
  }

  function end(one: OpenGroup, lastId: number, at: number, { isFailed, code, ms }: Ending = {}): void {
    open = open.filter((other) => other !== one);
    one.isOpen = false;
    const { group } = one;
    reach(one, lastId);
    group.ms ??= ms ?? Math.max(0, at - one.startedAt);
    judge(one, lastId);
    if (group.state === 'running') group.state = isFailed ? 'failed' : 'done';
    if (code !== undefined) group.code = code;
  }

  function judge({ group, parts, isStep, isListed, speaker }: OpenGroup, lastId: number): void {
    if (!isListed) return;
    if (parts !== undefined && parts.length > 1) group.parts = parts.map(({ from, to }) => [from, to]);
    const all = { from: group.from, to: Math.max(group.to, lastId) };
    group.level = levels.worstOf(speaker, (isStep && parts) || [all]);
  }

  /** The innermost one of a speaker, and what is open inside of it. */
  function from(speaker: Speaker, isIt: (one: OpenGroup) => boolean): OpenGroup[] {
    const mine = open.filter((one) => isSame(one.speaker, speaker));
    const at = mine.findLastIndex(isIt);
    return at === -1 ? [] : mine.slice(at).reverse();
  }

  function take(placed: PlacedMarker): void {
    const { id, speaker, marker } = ofAzure(placed, open);
    if (marker.type === 'problem') return;
    if (marker.type === 'flow') flows.begin(speaker, marker.parent, open);
    turnTo(placed, open);
    const isOfKey = ({ key }: OpenGroup) => key === marker.key;
    if (marker.type === 'open') {
      begin(placed, marker.title, marker.key, false, marker.collapsed === true, marker.time ?? placed.time);
    } else if (marker.type === 'step') beginStep(placed, marker);
    else if (marker.type === 'pause') pause(from(speaker, isOfKey)[0], id);
    else if (marker.type === 'section') {
      const before = marker.key === runKey ? [...open].reverse() : from(speaker, isOfKey);
      for (const one of before) end(one, id - 1, placed.time);
      begin(placed, marker.title, marker.key, true, marker.collapsed === true, placed.time);
    } else if (marker.type === 'close') close(placed, marker);
    else if (marker.type === 'said') levels.say(placed);
    else if (marker.type === 'flowEnd') endFlow(placed);
    else if (marker.type !== 'flow')
      amend(from(speaker, ({ key }) => key.startsWith(marker.key)).at(-1)?.group, marker);
  }

  function close({ id, speaker, time }: PlacedMarker, marker: Closing): void {
    for (const one of from(speaker, ({ key }) => key === marker.key))
      end(one, id, marker.time ?? time, one.key === marker.key ? marker : {});
  }

  function endFlow({ id, time, speaker }: PlacedMarker): void {
    for (const one of open.filter((each) => isSame(each.speaker, speaker)).reverse()) end(one, id, time);
    flows.end(speaker);
  }

  function finish(isFinished: boolean): OutlineGroup[] {
    const last = chunks.at(-1);
    if (last === undefined) return groups;
    for (const one of [...endless, ...open].reverse()) {
      if (isFinished) end(one, last.lastId, timeAt(last, last.lastId));
      else if (one.isListed) {
        reach(one, last.lastId);
        judge(one, last.lastId);
      }
    }
    return groups;
  }

  return { take, finish };
}

/** Azure's scripts write groups as GitHub keeps its steps, in sections that may have begun in another chunk. */
function ofAzure(placed: PlacedMarker, open: readonly OpenGroup[]): PlacedMarker {
  const { marker, speaker } = placed;
  const isOfStep = 'key' in marker && (marker.key === keptStep || marker.key === keptHead);
  if (!isOfStep || !open.some((one) => one.key.startsWith(azureKey) && isSame(one.speaker, speaker))) return placed;
  if (marker.type === 'section') return { ...placed, marker: { ...marker, type: 'open', key: githubKey } };
  return marker.key === keptHead ? { ...placed, marker: { ...marker, key: githubKey } } : placed;
}

function amend(group: OutlineGroup | undefined, marker: { type: 'failed' | 'took' | 'expand'; ms?: number }): void {
  if (group === undefined) return;
  if (marker.type === 'failed') group.state = 'failed';
  if (marker.type === 'took') group.ms = marker.ms ?? null;
  if (marker.type === 'expand') delete group.collapsed;
}

function titleOf(title: string): string {
  return title.slice(0, longestTitle);
}
