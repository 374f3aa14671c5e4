import { extname } from 'node:path';
import type { Response } from 'express';
import { createTextWriter } from '../../../frame/plain-text.ts';
import type { Log } from '../../../journal/store.ts';
import type { Format } from '../../stream/format.ts';
import type { RawQuery } from '../query/query.ts';

/** The headers of a log as text. */
export function setRawHeaders(response: Response, { download, strip }: RawQuery, log: Log): void {
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
  if (download) response.attachment(textName(log.info.name, strip));
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
}

/** A log as text. */
export function createRawFormat({ strip }: RawQuery): Format {
  const writer = createTextWriter({ strip });
  return {
    hasEvents: false,
    isJournal: false,
    block: ({ bytes }) => writer.block(bytes),
    gap: writer.gap,
    skip: () => Buffer.alloc(0),
    end: writer.end,
  };
}

/** Two names, so that a browser keeps both files under their own: `app.log`, and with colors `app.ansi.log`. */
function textName(name: string, isPlain: boolean): string {
  const safe = safeFileName(name);
  const extension = extname(safe);
  const isText = ['.log', '.txt'].includes(extension.toLowerCase());
  const [base, end] = isText ? [safe.slice(0, -extension.length), extension] : [safe, '.log'];
  return `${base}${isPlain ? '' : '.ansi'}${end}`;
}

/** What people call the log, as a name that every file system takes. */
export function safeFileName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they can't be in a file name
  const safe = name.toWellFormed().replace(/[\x00-\x1f\x7f/\\:*?"<>|]+/g, '-');
  // By characters: half of one can't be in a header.
  return [...safe].slice(0, 100).join('');
}
