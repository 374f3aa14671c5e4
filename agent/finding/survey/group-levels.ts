import type { OutlineGroup } from '../../words/finding.ts';
import {
  type Chunk,
  type IdRange,
  levelCodeAt,
  type PlacedMarker,
  type Speaker,
  visitNotable,
} from '../chunks/chunk.ts';
import { levelCodes } from '../lines/levels.ts';
import { flowKey, mostParents } from './flows.ts';

/** Ids of lines that only one flow has printed, in order. */
interface Said {
  errors: number[];
  warnings: number[];
}

/**
 * The worst levels of groups: of lines that only one flow has printed, those of others don't count.
 *
 * @param parentOf the flow that another one is a part of
 */
export function createGroupLevels(chunks: readonly Chunk[], parentOf: (flow: Speaker) => Speaker | undefined) {
  const codes = codesOfFlows(chunks);
  const ofAll = createWorstLevel(chunks, new Map());
  const ofNoFlow = codes.size === 0 ? ofAll : createWorstLevel(chunks, codes);
  const said = new Map<string, Said>();

  function worstIn(speaker: Speaker, { from, to }: IdRange): OutlineGroup['level'] {
    if (speaker.flow === '') return ofAll(from, to);
    const lines = said.get(flowKey(speaker)) ?? nothing;
    if (hasAny(lines.errors, from, to)) return 'error';
    return ofNoFlow(from, to) ?? (hasAny(lines.warnings, from, to) ? 'warn' : null);
  }

  return {
    /** A line is of one flow, and of those that this is a part of. To be called in order. */
    say({ id, speaker }: PlacedMarker): void {
      const code = codes.get(id);
      if (code === undefined) return;
      const isError = code === levelCodes.error;
      let flow: Speaker | undefined = speaker;
      for (let parents = 0; flow !== undefined && parents < mostParents; parents++) {
        const key = flowKey(flow);
        const lines: Said = said.get(key) ?? { errors: [], warnings: [] };
        said.set(key, lines);
        (isError ? lines.errors : lines.warnings).push(id);
        flow = parentOf(flow);
      }
    },
    /** Of a speaker's group with these lines, all of which were said. */
    worstOf(speaker: Speaker, ranges: readonly IdRange[]): OutlineGroup['level'] {
      const levels = ranges.map((range) => worstIn(speaker, range));
      return levels.find((level) => level === 'error') ?? levels.find((level) => level !== null) ?? null;
    },
  };
}

const nothing: Said = { errors: [], warnings: [] };

/** By the ids of errors and warnings that only one flow has printed. */
function codesOfFlows(chunks: readonly Chunk[]): Map<number, number> {
  const codes = new Map<number, number>();
  for (const chunk of chunks) {
    for (const { id, marker } of chunk.markers) {
      const code = marker.type === 'said' ? levelCodeAt(chunk, id) : levelCodes.none;
      if (code === levelCodes.error || code === levelCodes.warn) codes.set(id, code);
    }
  }
  return codes;
}

/** @param ids in order */
function hasAny(ids: readonly number[], from: number, to: number): boolean {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low < ids.length && (ids[low] as number) <= to;
}

/**
 * Of the lines from one id to another.
 *
 * @param without lines that don't count, by their ids
 */
function createWorstLevel(
  chunks: readonly Chunk[],
  without: ReadonlyMap<number, unknown>,
): (from: number, to: number) => OutlineGroup['level'] {
  /** Each step is the worst of so many lines: of twenty thousand groups each would be looked at line by line. */
  const summaries = new Map<Chunk, Uint8Array>();

  function summaryOf(chunk: Chunk): Uint8Array {
    let summary = summaries.get(chunk);
    if (summary === undefined) {
      const steps = new Uint8Array((chunk.lastId - chunk.firstId + stepLines) >> stepBits);
      visitNotable(chunk, (id, code) => {
        if (without.has(id)) return;
        const step = (id - chunk.firstId) >> stepBits;
        steps[step] = worse(steps[step] as number, code);
      });
      summaries.set(chunk, steps);
      summary = steps;
    }
    return summary;
  }

  function worstIn(chunk: Chunk, from: number, to: number): number {
    const summary = summaryOf(chunk);
    let worst = 0;
    for (let id = from; id <= to && worst !== levelCodes.error; ) {
      const at = id - chunk.firstId;
      if (at % stepLines === 0 && id + stepLines - 1 <= to) {
        worst = worse(worst, summary[at >> stepBits] as number);
        id += stepLines;
      } else {
        if (!without.has(id)) worst = worse(worst, levelCodeAt(chunk, id));
        id++;
      }
    }
    return worst;
  }

  return (from, to) => {
    let worst = 0;
    for (const chunk of chunks) {
      if (chunk.lastId < from || chunk.firstId > to) continue;
      const isWhole = without.size === 0 && chunk.firstId >= from && chunk.lastId <= to;
      if (isWhole)
        worst = Math.max(worst, chunk.errors > 0 ? levelCodes.error : chunk.warnings > 0 ? levelCodes.warn : 0);
      else worst = Math.max(worst, worstIn(chunk, Math.max(from, chunk.firstId), Math.min(to, chunk.lastId)));
      if (worst === levelCodes.error) return 'error';
    }
    return worst === levelCodes.warn ? 'warn' : null;
  };
}

const stepBits = 8;
const stepLines = 1 << stepBits;

function worse(worst: number, code: number): number {
  return code === levelCodes.error || (code === levelCodes.warn && worst !== levelCodes.error) ? code : worst;
}
