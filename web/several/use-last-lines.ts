import { useEffect, useRef, useState } from 'preact/hooks';
import { inShort } from '../../agent/text/drawing/markers.ts';
import type { LogSummary } from '../../agent/words/log.ts';
import { logUrl } from '../app/address.ts';

/** More of it would not fit. */
const longest = 200;

/** The last lines of a log may be empty, or a build server's markers: of so many one is shown. */
const lookedAt = 5;

/** The newest line of each of these logs, as a reader sees it, by the log's id; asked for one after the other. */
export function useLastLines(logs: readonly LogSummary[]): ReadonlyMap<string, string> {
  const [lines, setLines] = useState<ReadonlyMap<string, string>>(new Map());
  /** Up to which line each was asked about. */
  const asked = useRef(new Map<string, number>());
  const isAsking = useRef(false);
  const wanted = logs.filter(({ id, last, first }) => last >= first && asked.current.get(id) !== last);

  useEffect(() => {
    if (isAsking.current || wanted.length === 0) return;
    isAsking.current = true;
    void askAll().finally(() => {
      isAsking.current = false;
    });
    async function askAll(): Promise<void> {
      for (const { id, first, last } of wanted) {
        asked.current.set(id, last);
        const text = await newestIn(id, Math.max(first, last + 1 - lookedAt), last);
        if (text !== undefined) setLines((before) => new Map(before).set(id, text));
      }
    }
  });
  return lines;
}

async function newestIn(logId: string, from: number, to: number): Promise<string | undefined> {
  try {
    const url = `${logUrl(location.pathname, logId)}raw?from=${from}&to=${to}&strip=1`;
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (!response.ok) return undefined;
    const lines = (await response.text()).split('\n').map(inShort);
    return (lines.findLast(Boolean) ?? '').replaceAll('\t', ' ').slice(0, longest);
  } catch {
    // It is asked for again with the log's next line.
    return undefined;
  }
}
