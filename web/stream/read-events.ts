import type { End } from '../../agent/words/wire.ts';
import { createEventParser, type OnEvent } from './event-parser.ts';

/**
 * How a response to an events URL ended. `nothing`: there is nothing new. `failed`: there was none, or it was cut off.
 * `refused` says why, in the agent's words where it gave some.
 */
export type ResponseEnd = { how: 'done' } | { how: 'nothing' } | { how: 'failed' } | { how: 'refused'; why: string };

/**
 * Reads the events of a URL whose response ends by itself.
 * @param pieceRead called after the events of each piece that came
 */
export type ReadEvents = (
  url: string,
  signal: AbortSignal,
  onEvent: OnEvent,
  pieceRead: () => void,
) => Promise<ResponseEnd>;

export const readEvents: ReadEvents = async (url, signal, onEvent, pieceRead) => {
  const response = await fetch(url, { signal, cache: 'no-store', headers: { accept: 'text/event-stream' } });
  if (response.status === 204) return { how: 'nothing' };
  if (response.status === 400) return { how: 'refused', why: await refusalOf(response) };
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    return { how: 'failed' };
  }
  const count = countEvents(onEvent);
  const parser = createEventParser(count.onEvent);
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    parser.push(decoder.decode(piece.value, { stream: true }));
    pieceRead();
  }
  return { how: count.isWhole() ? 'done' : 'failed' };
};

/** A connection that ends may have been cut: over HTTP/1.0, in front of a proxy, both look the same. */
function countEvents(onEvent: OnEvent) {
  let lines = 0;
  let end: End | undefined;
  return {
    onEvent(type: string, data: string, id: string): void {
      if (type === 'message') lines++;
      else if (type === 'end') end = JSON.parse(data) as End;
      onEvent(type, data, id);
    },
    isWhole: () => end?.lines === lines,
  };
}

async function refusalOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: unknown };
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}
