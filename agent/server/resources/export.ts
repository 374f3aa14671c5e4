import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Response } from 'express';
import { exportLog } from '../../export/export-log.ts';
import { readExportPage } from '../../export/export-page.ts';
import type { ExportPart } from '../../export/part.ts';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import { isFinished } from '../../words/log.ts';
import { inTime } from '../answers/in-time.ts';
import { negotiateCodingName } from '../encoding/negotiate.ts';
import type { PatternCheck } from '../limits/pattern-checks.ts';
import { safeFileName } from './formats/raw.ts';
import { parseSearchQuery, searchText } from './query/query.ts';
import type { LinesContext } from './respond.ts';

/** For what is asked for before and after the lines. Meanwhile nothing is sent, though the client is not stalled. */
const outlineMs = 60_000;

/** The page's script gets to a third; lines are packed already, which base64 makes a third larger. */
const packingLevel = 4;

/**
 * Answers `export`: the log, or some of its lines, as one HTML file. Resolves when it was sent, or nobody takes it any
 * more.
 *
 * @param search the URL's query
 * @param viewerDir the directory that the page was built into
 * @throws SseTailError kind `journal` where the page was not built
 */
export async function sendExport(
  response: Response,
  log: Log,
  search: string,
  viewerDir: string,
  { finder, searches, patterns, stallMs, report }: LinesContext,
): Promise<void> {
  const part = partOf(search, patterns.of(response.req.socket));
  const page = readExportPage(viewerDir);
  response.attachment(`${safeFileName(log.info.name)}.html`);
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  const coding = negotiateCodingName(response, ['gzip']);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  searches.admit(response);
  const waitMs = Math.min(outlineMs, stallMs / 2);
  const pieces = exportLog(log, {
    page,
    now: Date.now(),
    ...defined({ part }),
    stamps: (lines) => inTime(response, waitMs, (signal) => finder.stamps(log.journal, lines, signal)),
    outline(to, range) {
      const request = { to, waitMs, isFinished: isFinished(log.status) };
      return finder.outline(log.journal, { ...request, ...defined({ range }) });
    },
  });
  response.setTimeout(stallMs, () => response.destroy());
  await new Promise<void>((resolve) => {
    // No more than one piece waits for a slow client.
    const packing = coding === undefined ? [] : [createGzip({ level: packingLevel })];
    pipeline([Readable.from(pieces, { highWaterMark: 1 }), ...packing, response], (error) => {
      if (error && !response.closed) report(error);
      resolve();
    });
  });
}

/** Undefined where all lines are asked for. @throws SseTailError kind `request`, status 400 */
function partOf(search: string, check: PatternCheck): ExportPart | undefined {
  const { from, to, find } = parseSearchQuery(search, check);
  if (from === undefined && to === undefined && find === undefined) return undefined;
  return defined({ from, to, query: find, filter: searchText(search) });
}
