import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Pace } from '../../../system/pace.ts';
import { causeWithin } from '../../../words/errors.ts';
import { type Compression, canUnpack, compressionOfOpen, isPacked, isPackedNow } from '../find/compression.ts';
import { targetOf } from '../find/directory-files.ts';
import { fileId } from '../find/fingerprint.ts';
import { presenceAt } from '../find/presence.ts';
import { isCompressed } from '../find/rotated-name.ts';
import { createCompressedGeneration, createGeneration, type Generation } from './generation.ts';
import type { StartAt } from './start-offset.ts';

/** Of what an open file is a generation. */
export interface Of {
  /** What is followed, and where: a file that is there itself is text, whatever it holds. */
  name: string;
  path: string;
  beginning: StartAt | { offset: number };
  pace: Pace;
}

/**
 * The generation of an open file, unpacked where its name and its first bytes say that it is compressed; the name at
 * the path that is followed is that of a link's target. Undefined for what is no plain file, or another one by now.
 */
export async function createGenerationOf(handle: FileHandle, at: string, of: Of): Promise<Generation | undefined> {
  if (at === of.path) {
    const target = (isPackedNow(handle, of.pace) ?? (await isPacked(handle))) ? await targetOf(at) : undefined;
    return target !== undefined && isCompressed(target)
      ? ofTarget(handle, target, of)
      : createGeneration(handle, of.beginning);
  }
  const compression = await compressionOfOpen(handle, at);
  if (compression === undefined || !canUnpack(compression)) return createGeneration(handle, of.beginning);
  return unpacked(handle, at, compression, of);
}

async function ofTarget(handle: FileHandle, target: string, of: Of): Promise<Generation | undefined> {
  const there = await presenceAt(target);
  if (there.type !== 'file' || there.id !== fileId(await handle.stat({ bigint: true }))) return undefined;
  const compression = await compressionOfOpen(handle, target);
  if (compression !== undefined && canUnpack(compression)) return unpacked(handle, target, compression, of);
  const sentence = `${of.name}: ${basename(target)} can't be read: it is packed in a way that can't be undone here`;
  return { ...(await createCompressedGeneration(handle, undefined, 'all', () => {})), damage: { sentence } };
}

async function unpacked(handle: FileHandle, at: string, compression: Compression, of: Of): Promise<Generation> {
  const damage: { sentence?: string } = {};
  const generation = await createCompressedGeneration(handle, compression, of.beginning, (error) => {
    damage.sentence = `${of.name}: ${basename(at)} can't be read to its end: ${causeWithin(error)}`;
  });
  return { ...generation, damage };
}
