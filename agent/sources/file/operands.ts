import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { causeOf, errorCode, SseTailError } from '../../words/errors.ts';
import { fsPath, shellWord, shownText } from '../../words/raw-text.ts';
import { type Compression, compressionOf, otherUnpackerOf, requireCompression } from './find/compression.ts';
import { createGlob, type Glob, globBelow, isGlob } from './watch/glob.ts';

/** What is to be read, as the paths that were given stand for it. */
export interface Operands {
  /** Followed, whether they exist or not. */
  named: Named[];
  /** Whatever matches these, now and later. */
  globs: Glob[];
  /** Read once. */
  compressed: { name: string; path: string; compression: Compression }[];
}

export interface Named {
  name: string;
  path: string;
  /** What it stands for if it comes as a directory; undefined where it is a file already. */
  asDirectory: (() => Glob) | undefined;
}

export interface MatchOptions {
  /** A directory stands for the files at any depth below it, not only for those in it. */
  isRecursive: boolean;
  /** Absolute: nothing below it matches. */
  exclude: string | undefined;
}

/**
 * @param given as typed, relative to `cwd`
 * @throws SseTailError kind `source` for a file that is compressed in a way that can't be undone here, or can't be read
 */
export async function sortOperands(given: string[], cwd: string, options: MatchOptions): Promise<Operands> {
  const { isRecursive, exclude } = options;
  const operands: Operands = { named: [], globs: [], compressed: [] };
  for (const operand of given) {
    // Resolved it would be the current directory, and the files in it would be shown unasked.
    if (operand === '') throw new SseTailError('source', 'The name of a file to follow is empty.');
    const path = resolve(cwd, operand);
    const kind = await kindOf(path, operand);
    const asDirectory = () => globBelow(operand, cwd, isRecursive, exclude);
    if (kind === 'directory') {
      operands.globs.push(asDirectory());
      continue;
    }
    if (kind === 'missing' && isGlob(operand)) {
      operands.globs.push(createGlob(operand, cwd, exclude));
      continue;
    }
    const name = shownText(given.length === 1 ? basename(path) : operand);
    const compression = kind === 'file' ? await compressionIn(path, operand) : undefined;
    if (compression === undefined) {
      operands.named.push({ name, path, asDirectory: kind === 'missing' ? asDirectory : undefined });
    } else {
      requireCompression(compression, operand);
      operands.compressed.push({ name, path, compression });
    }
  }
  return operands;
}

/** Whether it is compressed decides how it is read, and can't be waited for. */
async function compressionIn(path: string, operand: string): Promise<Compression | undefined> {
  const shown = shownText(operand);
  try {
    const unpacker = await otherUnpackerOf(path);
    if (unpacker === undefined) return await compressionOf(path);
    throw new SseTailError(
      'source',
      `${shown} is compressed with ${unpacker}, which sse-tail can't undo; unpack it: ${unpacker} -dc ${shellWord(shown)} | sse-tail`,
      { path },
    );
  } catch (error) {
    if (error instanceof SseTailError) throw error;
    throw new SseTailError('source', `${shown} can't be read: ${causeOf(error)}.`, { path }, error);
  }
}

async function kindOf(path: string, operand: string): Promise<'file' | 'directory' | 'other' | 'missing'> {
  try {
    const stats = await stat(fsPath(path));
    return stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  } catch (error) {
    // There never will be such a file.
    if (errorCode(error) === 'ENAMETOOLONG' && !isGlob(operand)) {
      throw new SseTailError('source', `${shownText(operand)} can't be followed: ${causeOf(error)}.`, { path }, error);
    }
    return 'missing';
  }
}
