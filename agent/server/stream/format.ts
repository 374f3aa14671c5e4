import type { Block } from '../../frame/block.ts';
import type { Gap, Skip } from '../../words/wire.ts';
import type { Parcel } from '../socket/parcel.ts';

/** What a response makes of a log: server-sent events, or text. */
export interface Form {
  /** False when there is only room for lines: no status, partial, ping. */
  readonly hasEvents: boolean;
  block(block: Block): Buffer;
  /** A batch that many get at once. */
  shared(block: Block, parcel: Parcel): Parcel;
  gap(gap: Gap): Buffer;
  skip(skip: Skip): Buffer;
  /** What stands at the end of a complete response. */
  end(): Buffer;
}
