import type { Chunk } from './chunk.ts';

/** Where a survey outlives the process: what is kept is derived from the journal, and may be missing at any time. */
export interface KeptSurvey {
  /**
   * The chunks that are kept of those that begin in the segment of line `id`. None where nothing is kept of the segment
   * as it is now, and where it was asked before. Never rejects.
   */
  recall(id: number): Promise<Chunk[]>;
  /** Keeps what is new of what is known. Never rejects. */
  keep(chunkAt: (id: number) => Chunk | undefined): Promise<void>;
}
