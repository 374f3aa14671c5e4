import { createEventParser, type OnEvent } from './event-parser.ts';

/** How a response to an events URL ended; `refused` says why, in the agent's words where it gave some. */
export type ResponseEnd = { how: 'done' } | { how: 'failed' } | { how: 'refused'; why: string };

/**
 * Reads the events of a URL whose response ends by itself.
 * @param pieceRead called after the events of each piece that came
 */
export async function readEvents(
  url: string,
  signal: AbortSignal,
  onEvent: OnEvent,
  pieceRead: () => void,
): Promise<ResponseEnd> {
  const response = await fetch(url, { signal, cache: 'no-store', headers: { accept: 'text/event-stream' } });
  if (response.status === 204) return { how: 'done' };
  if (response.status === 400) return { how: 'refused', why: await refusalOf(response) };
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    return { how: 'failed' };
  }
  const parser = createEventParser(onEvent);
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    parser.push(decoder.decode(piece.value, { stream: true }));
    pieceRead();
  }
  return { how: 'done' };
}

async function refusalOf(response: Response): Promise<string> {
  try {
    const { error } = (await response.json()) as { error?: unknown };
    return typeof error === 'string' ? error : '';
  } catch {
    return '';
  }
}
