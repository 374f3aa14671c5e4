import { crc32 } from 'node:zlib';
import type { Batch } from '../../agent/frame/block.ts';

/** A batch as 0.1.0 wrote it: what is known of a followed file stood in each trailer, as JSON. */
export function sealInFirstForm({ bytes, length, firstId, lastId }: Batch, positions = ''): Buffer {
  const text = `: batch ${length} ${firstId}-${lastId} ${positions === '' ? '' : `${positions} `}`;
  const covered = Buffer.concat([bytes.subarray(0, length), Buffer.from(text)]);
  return Buffer.concat([covered, Buffer.from(`${crc32(covered).toString(16).padStart(8, '0')}\n\n`)]);
}
