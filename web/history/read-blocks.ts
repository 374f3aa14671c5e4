import type { Gap, Hello, StreamProgress } from '../../agent/words/wire.ts';
import type { ReadEvents } from '../stream/read-events.ts';
import type { LineBlock, RangeListener, ReadingEnd } from './range-reader.ts';

/** Reads the lines of an events URL that ends by itself, as blocks. */
export async function readBlocks(
  readEvents: ReadEvents,
  url: string,
  signal: AbortSignal,
  listener: Pick<RangeListener, 'lines' | 'gap'>,
): Promise<ReadingEnd> {
  let log = '';
  let block = emptyBlock();
  const onEvent = (type: string, data: string, id: string): void => {
    if (type === 'message') {
      block.ids.push(Number(id));
      block.texts.push(data);
    } else if (type === 'origin') {
      block.origins.push({ at: block.ids.length, origin: JSON.parse(data) });
    } else if (type === 'hello') {
      log = (JSON.parse(data) as Hello).log;
    } else if (type === 'progress') {
      block.reached = (JSON.parse(data) as StreamProgress).to;
    } else if (type === 'gap') {
      listener.gap(JSON.parse(data) as Gap, log);
    }
  };
  const { how } = await readEvents(url, signal, onEvent, () => {
    if (block.ids.length === 0 && block.reached === undefined) return;
    const origin = block.origins.at(-1)?.origin;
    listener.lines(block, log);
    block = emptyBlock();
    if (origin) block.origins.push({ at: 0, origin });
  });
  return how === 'done' || how === 'nothing' ? 'done' : 'failed';
}

function emptyBlock(): LineBlock {
  return { ids: [], texts: [], origins: [] };
}
