import type { FilePosition } from '../../../words/position.ts';
import { withFile } from './directory-files.ts';
import { fileId, hasHead, isNowhere } from './fingerprint.ts';
import { isCompressed } from './rotated-name.ts';
import { type Trace, trace } from './rotation.ts';

/**
 * What became of a file since the journal's last position in it (see `Trace`): `same`, `rotated` and `dropped` can be
 * read on.
 */
export async function continuity(position: FilePosition): Promise<Trace['fate']> {
  if (isNowhere(position)) return 'same';
  // Positions in a compressed file count the bytes of its text.
  if (isCompressed(position.path)) {
    const isSame = await withFile(
      position.path,
      async (handle, stats) => fileId(stats) === position.file && (await hasHead(handle, position.head)),
    );
    return isSame === undefined ? 'missing' : isSame ? 'same' : 'replaced';
  }
  return (await trace(position)).fate;
}
