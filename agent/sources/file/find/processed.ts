import { basename } from 'node:path';
import { type Neighbor, withListed } from './directory-files.ts';
import { type Head, hasHead } from './fingerprint.ts';
import { isNewerByName } from './rotated-name.ts';

/**
 * multilog, svlogd and s6-log can hand each file that they rotate to a program, and keep what that makes of it in its
 * place: another file, with such a name as well, and written last. Whether `one` is such a file, as far as can be told:
 * as it is, or packed.
 *
 * @param path of the log
 * @param left what had the path last, of those that were read
 * @param leftNow the same where it is still there: what it is made into has no newer name
 */
export async function isProcessed(
  one: Neighbor,
  path: string,
  left: { mtimeNs: bigint; head: Head; size?: bigint | undefined },
  leftNow: Neighbor | undefined,
): Promise<boolean> {
  if (leftNow !== undefined) return isNewerByName(one.path, leftNow.path, basename(path)) !== true;
  if (one.bornNs !== undefined && one.bornNs < left.mtimeNs) return true;
  const isIt = await withListed(one, async (handle, { size }) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (packedStart.test(buffer.toString('hex', 0, bytesRead))) return true;
    return left.head.length > 0 && size === left.size && (await hasHead(handle, left.head));
  });
  return isIt === true;
}

/** gzip, zstd, bzip2, xz. */
const packedStart = /^(1f8b|28b52ffd|425a68|fd377a58)/;
