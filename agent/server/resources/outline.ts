import type { Request, Response } from 'express';
import type { Finder } from '../../finding/thread/finder.ts';
import { outlineText } from '../../frame/events.ts';
import type { Log } from '../../journal/store.ts';
import type { Outline } from '../../words/finding.ts';
import { isFinished } from '../../words/log.ts';
import { setEventsHeaders } from './formats/events.ts';

/** A log of a gigabyte is known by then; of a longer one the newest part. */
const waitMs = 1500;
/** What is looked at anew is what has come since. */
const liveMs = 1000;

/** Answers `outline`, as it is now. */
export async function sendOutline(response: Response, log: Log, finder: Finder): Promise<void> {
  response.setHeader('Cache-Control', 'no-cache');
  response.json(await outlineNow(log, finder));
}

/** Whether it is asked for as events. */
export function wantsEvents({ headers }: Request): boolean {
  return headers.accept?.includes('text/event-stream') ?? false;
}

/** Answers `outline` with an event whenever it has changed, until the log is finished. */
export async function sendOutlineEvents(response: Response, log: Log, finder: Finder, retryMs: number): Promise<void> {
  setEventsHeaders(response);
  response.write(`retry: ${retryMs}\n\n`);
  let sent = '';
  while (response.writable) {
    // Asked before the log is looked at: what is known of a finished log then is all.
    const isLast = isFinished(log.status);
    const outline = await outlineNow(log, finder);
    const text = outlineText(outline);
    if (text !== sent && !response.write(text)) await drained(response);
    sent = text;
    if (isLast && isComplete(outline, log)) break;
    await pause(response, liveMs);
  }
  response.end();
}

function outlineNow(log: Log, finder: Finder): Promise<Outline> {
  return finder.outline(log.journal, { to: log.journal.lastId, waitMs, isFinished: isFinished(log.status) });
}

function isComplete({ known: [from, to] }: Outline, { journal }: Log): boolean {
  return to >= journal.lastId && (from <= journal.firstId || journal.lastId < journal.firstId);
}

function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}

function pause(response: Response, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(settle, ms);
    function settle(): void {
      clearTimeout(timer);
      response.off('close', settle);
      resolve();
    }
    response.on('close', settle);
  });
}
