import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { FilePosition } from '../../../words/position.ts';

/** Length and checksum of the first bytes of a file: tells a new file under a reused inode. */
export type Head = FilePosition['head'];

/** So much of a file's beginning goes into its head. */
export const headBytes = 1024;

export const emptyHead: Head = { length: 0, crc: 0 };

/** The position in a file that isn't there yet: whatever comes is to be read from its first byte. */
export function nowhere(source: string, path: string): FilePosition {
  return { source, path, file: '', offset: 0, head: emptyHead, writtenAtUs: Date.now() * 1000 };
}

export function isNowhere(position: FilePosition): boolean {
  return position.file === '';
}

/** `device:inode` of a bigint stat: a number would round the inodes of some network file systems. */
export function fileId(stats: { dev: bigint; ino: bigint }): string {
  return `${stats.dev}:${stats.ino}`;
}

/** The head after `bytes`, which follow directly on what it covers. */
export function extendHead(head: Head, bytes: Buffer): Head {
  if (head.length >= headBytes || bytes.length === 0) return head;
  const more = bytes.subarray(0, headBytes - head.length);
  return { length: head.length + more.length, crc: crc32(more, head.crc) };
}

/** The head of a file over its first `length` bytes (at most 1024); shorter when the file is. */
export async function readHead(handle: FileHandle, length: number): Promise<Head> {
  const wanted = Math.min(length, headBytes);
  if (wanted === 0) return emptyHead;
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, 0);
  return extendHead(emptyHead, buffer.subarray(0, bytesRead));
}

/** Whether a file still begins as it did. True for an empty head: then nothing of the file has been read yet. */
export async function hasHead(handle: FileHandle, head: Head): Promise<boolean> {
  const now = await readHead(handle, head.length);
  return now.length === head.length && now.crc === head.crc;
}
