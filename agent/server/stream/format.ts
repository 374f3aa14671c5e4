import type { Block } from '../../frame/block.ts';
import type { Gap, Skip } from '../../words/wire.ts';

/** What a response makes of a log: server-sent events, or text. */
export interface Format {
  /** False when there is only room for lines: no status, partial, ping. */
  readonly hasEvents: boolean;
  /** Blocks are sent as they are: what many get at once is the same for all. */
  readonly isJournal: boolean;
  block(block: Block): Buffer;
  gap(gap: Gap): Buffer;
  skip(skip: Skip): Buffer;
  /** What stands at the end of a complete response. */
  end(): Buffer;
}
