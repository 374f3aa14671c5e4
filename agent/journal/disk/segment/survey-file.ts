import { unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../../words/errors.ts';

/*
 * What was found out about a segment's lines is kept beside the segments: in a directory of its own, as a change of the
 * log's directory says that the log has changed.
 */

const surveyDirectory = 'survey';

export function surveyDirectoryIn(logDirectory: string): string {
  return join(logDirectory, surveyDirectory);
}

/** Where the survey of the segment at `segmentPath` is kept. */
export function surveyPathOf(segmentPath: string): string {
  return join(surveyDirectoryIn(dirname(segmentPath)), basename(segmentPath, '.sse'));
}

/** Removes a segment's file, and what is kept about it. Rejects where the segment can't be removed. */
export async function removeSegmentFile(path: string): Promise<void> {
  await unlinkIfThere(path);
  // Without its segment it is of no use, and found by the next look at that log.
  await unlinkIfThere(surveyPathOf(path)).catch(() => undefined);
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}
