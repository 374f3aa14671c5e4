import type { Origin } from '../../words/line.ts';

/** What lines of others have nothing to do with: the same for all of a source, stream and kind. */
export function speakerOf({ kind, stream, source }: Origin): string {
  return `${kind ?? ''}:${stream ?? ''}:${source ?? ''}`;
}
