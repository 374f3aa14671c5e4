import type { IncomingMessage } from 'node:http';
import type { Request, Response } from 'express';
import { createRecordLevels } from '../../../finding/records/levels.ts';
import type { Block } from '../../../frame/block.ts';
import { createLineReader, type LineData } from '../../../frame/line-data.ts';
import { createTextWriter } from '../../../frame/plain-text.ts';
import type { Log } from '../../../journal/store.ts';
import type { Gap } from '../../../words/wire.ts';
import type { Format } from '../../stream/format.ts';
import type { EventsQuery, LineFormat } from '../query/query.ts';
import { safeFileName } from './raw.ts';

/** Lines for programs: JSON lines (https://github.com/ndjson/ndjson-spec) or CSV (RFC 4180). */
export type DataType = 'application/x-ndjson' | 'text/csv';

const typeOf: Readonly<Record<LineFormat, DataType>> = { ndjson: 'application/x-ndjson', csv: 'text/csv' };
const extensions: Readonly<Record<DataType, string>> = { 'application/x-ndjson': 'jsonl', 'text/csv': 'csv' };

/** Which of them a request names, or prefers to events; undefined where events will do. */
export function dataTypeOf(request: IncomingMessage, { format }: EventsQuery): DataType | undefined {
  if (format !== undefined) return typeOf[format];
  const preferred = (request as Request).accepts(['text/event-stream', 'application/x-ndjson', 'text/csv']);
  return preferred === 'application/x-ndjson' || preferred === 'text/csv' ? preferred : undefined;
}

export function setDataHeaders(response: Response, type: DataType, { download }: EventsQuery, log: Log): void {
  response.setHeader('Cache-Control', 'no-cache, no-transform');
  response.setHeader('X-Accel-Buffering', 'no');
  if (download) response.attachment(`${safeFileName(log.info.name)}.${extensions[type]}`);
  response.setHeader('Content-Type', `${type}; charset=utf-8`);
}

/**
 * A log as JSON lines or CSV. Both are lines of text, so a client can take each as it comes.
 *
 * @param query of a download, CSV is for a spreadsheet
 * @param before lines right before the first one, whose records may go on; undefined where origins say levels
 * @param another ids of this log's first and last line, where the client asks for another log and has to be told so
 */
export function createDataFormat(
  type: DataType,
  { sources }: Log,
  { download }: EventsQuery,
  before: readonly Buffer[] | undefined,
  another: LogReset | undefined,
): Format {
  const writer = type === 'text/csv' ? csv : jsonLines;
  const { start, reset, line, gap } = writer === csv && download ? spreadsheet : writer;
  let opening = another === undefined ? start : start + reset(another);
  const begun = (text: string): Buffer => {
    const bytes = Buffer.from(opening + text);
    opening = '';
    return bytes;
  };
  const records = createRecordLevels();
  const isLeveled = before === undefined;
  const read = createLineReader(sources[0], (visible, origin) =>
    isLeveled ? origin.level : records.read(visible, origin).level,
  );
  for (const events of before ?? []) read(events);
  const block = ({ bytes }: Block) => begun(read(bytes).map(line).join(''));
  return {
    hasEvents: false,
    isJournal: false,
    block,
    gap(range) {
      records.reset();
      return begun(gap(range));
    },
    skip() {
      records.reset();
      return Buffer.alloc(0);
    },
    end: () => begun(''),
  };
}

/** Data of the event `reset`. */
export interface LogReset {
  first: number;
  last: number;
}

interface LineWriter {
  /** What the response begins with, also where it has no lines. */
  start: string;
  /** What tells a client that the lines after it are those of another log. */
  reset(log: LogReset): string;
  line(line: LineData): string;
  /** In place of lines that can't be given. */
  gap(gap: Gap): string;
}

const jsonLines: LineWriter = {
  start: '',
  reset: (log) => `${JSON.stringify({ reset: log })}\n`,
  line: (line) => `${JSON.stringify(line)}\n`,
  gap: (gap) => `${JSON.stringify({ gap })}\n`,
};

const csv: LineWriter = {
  start: 'id,time,source,stream,level,text\r\n',
  reset: () => row(['', '', '', '', '', '[sse-tail: the log begins anew]']),
  line: ({ id, time, source, stream, level, text }) =>
    row([id, new Date(time).toISOString(), source, stream, level, text]),
  gap: (gap) => row(['', '', '', '', '', createTextWriter({ strip: true }).gap(gap).toString().trim()]),
};

/** Numbers, times, streams and levels are no formulas; a source is a name of a file, and a text is anybody's. */
const spreadsheet: LineWriter = {
  ...csv,
  line: ({ source, text, ...line }) =>
    csv.line({ ...line, ...(source !== undefined && { source: noFormula(source) }), text: noFormula(text) }),
};

/**
 * What begins as a formula does is one for a spreadsheet, quoted or not: it may send what other cells hold to somebody
 * who only had to write into the log (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function noFormula(text: string): string {
  return /^[=+\-@\t\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
}

function row(fields: readonly (string | number | undefined)[]): string {
  return `${fields.map(field).join(',')}\r\n`;
}

function field(value: string | number | undefined): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
