import { chunkLines, type IdRange, indexOf, startOf } from '../chunks/chunk.ts';
import type { EarlierStamps } from '../known-lines.ts';
import type { Stamp } from '../records/line-reader.ts';
import { knownLinesOf, type Survey } from './survey.ts';

/**
 * What the lines `from` to `to` need. Looks at the lines before them until that is known; undefined where nobody waits
 * for it so long.
 */
export async function answerStamps(
  survey: Survey,
  { from: first, to }: IdRange,
  isWanted: () => boolean = () => true,
): Promise<EarlierStamps | undefined> {
  for (let id = first; id <= to; ) {
    if (!isWanted()) return undefined;
    if (await survey.settle(id)) id = startOf(indexOf(id) + 1);
  }
  const { from } = knownLinesOf(survey).beginBefore(first);
  const begun = { from: indexOf(from), unread: (from - 1) % chunkLines };
  const stamps = new Map<string, Stamp | undefined>();
  for (let of = begun.from; of <= indexOf(to); of++) {
    const { needed = [], said = [] } = survey.knownChunk(startOf(of))?.stamps ?? {};
    const before = of === begun.from ? said.filter(({ at }) => at <= begun.unread) : [];
    for (const { speaker } of [...before, ...needed]) {
      // What one needs in a later chunk it may have said since.
      if (!stamps.has(speaker)) stamps.set(speaker, survey.stampBefore(speaker, { of, ...begun }));
    }
  }
  return { from, to, stamps: [...stamps] };
}
