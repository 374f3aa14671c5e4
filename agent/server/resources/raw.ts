import type { ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { createTextWriter } from '../../frame/plain-text.ts';
import type { Log } from '../../journal/store.ts';
import { createParcel } from '../socket/parcel.ts';
import type { Form } from '../stream/format.ts';
import type { RawQuery } from './query.ts';

/** The headers of a log as text. */
export function setRawHeaders(response: ServerResponse, { download }: RawQuery, log: Log): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
  if (download) response.setHeader('Content-Disposition', attachment(fileName(log.info.name)));
}

/** A log as text. */
export function createRawForm({ strip }: RawQuery): Form {
  const writer = createTextWriter({ strip });
  return {
    hasEvents: false,
    block: ({ bytes }) => writer.block(bytes),
    shared: ({ bytes }) => createParcel(writer.block(bytes)),
    gap: writer.gap,
    skip: () => Buffer.alloc(0),
    end: writer.end,
  };
}

/** What people call the log, as a name that every file system takes. */
function fileName(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they can't be in a file name
  const safe = name.replace(/[\x00-\x1f\x7f/\\:*?"<>|]+/g, '-').slice(0, 100);
  return ['.log', '.txt'].includes(extname(safe).toLowerCase()) ? safe : `${safe}.log`;
}

/** RFC 6266: the name in ASCII for old clients, and as it is. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]/g, '-').replace(/%/g, '-');
  if (ascii === name) return `attachment; filename="${ascii}"`;
  const encoded = encodeURIComponent(Buffer.from(name).toString()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
