import type { Block } from '../../frame/block.ts';
import type { Gap, Skip } from '../../words/wire.ts';
import type { SharedChunk } from '../socket/shared-chunk.ts';

/** What a response makes of a log: server-sent events, or text. */
export interface Format {
  /** False when there is only room for lines: no status, partial, ping. */
  readonly hasEvents: boolean;
  block(block: Block): Buffer;
  /** A batch that many get at once. */
  shared(block: Block, chunk: SharedChunk): SharedChunk;
  gap(gap: Gap): Buffer;
  skip(skip: Skip): Buffer;
  /** What stands at the end of a complete response. */
  end(): Buffer;
}
