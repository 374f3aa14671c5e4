import type { Gap, Hello, Progress } from '../../agent/words/wire.ts';
import { readEvents } from '../stream/read-events.ts';
import type { LineBlock, ReaderNews, ReaderOrder } from './range-reader.ts';

const readings = new Map<number, AbortController>();

addEventListener('message', ({ data }: MessageEvent<ReaderOrder>) => {
  if (data.order === 'stop') {
    readings.get(data.reading)?.abort();
    return;
  }
  const controller = new AbortController();
  readings.set(data.reading, controller);
  read(data.url, data.reading, controller.signal)
    .catch(() => 'failed' as const)
    .then((end) => {
      readings.delete(data.reading);
      tell({ news: 'end', reading: data.reading, end });
    });
});

async function read(url: string, reading: number, signal: AbortSignal): Promise<'done' | 'failed'> {
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
      block.reached = (JSON.parse(data) as Progress).to;
    } else if (type === 'gap') {
      tell({ news: 'gap', reading, log, gap: JSON.parse(data) as Gap });
    }
  };
  const { how } = await readEvents(url, signal, onEvent, () => {
    if (block.ids.length === 0 && block.reached === undefined) return;
    const origin = block.origins.at(-1)?.origin;
    tell({ news: 'lines', reading, log, block });
    block = emptyBlock();
    if (origin) block.origins.push({ at: 0, origin });
  });
  return how === 'done' || how === 'nothing' ? 'done' : 'failed';
}

function emptyBlock(): LineBlock {
  return { ids: [], texts: [], origins: [] };
}

function tell(news: ReaderNews): void {
  postMessage(news);
}
