import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { RequestHandler, Response } from 'express';
import type { Log } from '../../journal/store.ts';
import { defined } from '../../words/defined.ts';
import type { FirstEvents } from '../../words/wire.ts';
import { negotiateCodingName } from '../encoding/negotiate.ts';

/** The page's files, as they were soon after the agent started. */
export interface PageFiles {
  serve: RequestHandler;
  /** Whether a path is one of script and style, which anybody may have: at the root, or at a log's page. */
  isPublic(path: string): boolean;
}

/** What a log's page is told in its document: attributes, and what shows first. */
export interface PageData {
  attributes(log: Log | undefined): Readonly<Record<string, string>>;
  firstEvents(log: Log): Promise<FirstEvents>;
}

interface PageFile {
  body: Buffer;
  /** Paths of the same as the build has compressed it. */
  compressed: ReadonlyMap<PageCoding, string>;
  cacheControl: string;
  /** Sources for the policy: hashes of the scripts and styles in it. */
  inline: { scripts: string[]; styles: string[] };
  /** Of a document. */
  template: Template | undefined;
}

/**
 * The first answer may be waited for, and is rarely a page's: reading all of them takes 8 ms. And not only when one is
 * asked for: they may be replaced while the agent runs (an update, or sse-tail streaming the build of itself).
 */
const readAfterMs = 50;

/**
 * Serves the page's files from memory: together they are small.
 *
 * @param dir the directory that the page was built into; where there is none, nothing is served
 * @param data what a log's page is told
 */
export function createPageFiles(dir: string, data: PageData): PageFiles {
  let page: Map<string, PageFile> | undefined;
  const files = () => {
    page ??= readPage(dir);
    return page;
  };
  setTimeout(() => {
    try {
      files();
      drawing().catch(() => undefined);
    } catch {
      // No descriptor is free, or an update is under way: whoever asks for the page has it tried again.
    }
  }, readAfterMs).unref();

  function attributesFor(name: string, { log, isRoot }: Response['locals']): Readonly<Record<string, string>> {
    if (name === logPage) return data.attributes(log as Log | undefined);
    // Under a proxy's prefix the list's address doesn't say that it is asked for as `/`.
    return isRoot === true ? { at: 'root' } : {};
  }

  /** The log whose events a document carries. Lines that are picked out are the stream's affair. */
  function carriedLog(file: PageFile, { req, locals }: Response): Log | undefined {
    return req.url.includes('?') || file.template?.places.includes('events') !== true ? undefined : locals.log;
  }

  async function sendDocument(name: string, file: PageFile, response: Response): Promise<void> {
    const log = carriedLog(file, response);
    // With events it is of this moment: a browser that comes back to it asks anew.
    response.set('Cache-Control', log === undefined ? file.cacheControl : 'no-store');
    if (log !== undefined && response.req.method === 'HEAD') {
      documentCoding(response);
      response.end();
      return;
    }
    const attributes = attributesText(attributesFor(name, response.locals));
    const first = log === undefined ? {} : await firstShown(await data.firstEvents(log));
    const body = file.template === undefined ? file.body : filled(file.template, { attributes, ...first });
    response.send(await compressedDocument(body, response));
  }

  return {
    async serve(request, response, next) {
      const name = request.path === '/' ? logPage : request.path.slice(1);
      const file = files().get(name);
      if (file === undefined) return next();
      allowInline(response, file.inline);
      if (isOwnFrame.test(request.url)) allowOwnFrame(response);
      response.type(extname(request.path) || 'html');
      if (name.endsWith('.html')) await sendDocument(name, file, response);
      else response.set('Cache-Control', file.cacheControl).send(compressedBody(file, response) ?? file.body);
    },
    isPublic(path) {
      const name = path.replace(/^\/logs\/[^/]+(?=\/)/, '').slice(1);
      return name.startsWith(assets) && files().has(name);
    },
  };
}

const logPage = 'index.html';

/** The codings that the build makes, best first, and how it names their files. */
const endings = { br: '.br', gzip: '.gz' } as const;
type PageCoding = keyof typeof endings;

/** Undefined where the client gets the file as it is. The name says what is in it: it may be read when it is wanted. */
function compressedBody({ compressed }: PageFile, response: Response): Buffer | undefined {
  if (compressed.size === 0) return undefined;
  const coding = negotiateCodingName(response, [...compressed.keys()]);
  const path = coding && compressed.get(coding);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    response.removeHeader('Content-Encoding');
    return undefined;
  }
}

const packDocument = { br: promisify(brotliCompress), gzip: promisify(gzip) };
/** The quality of which a document costs about a millisecond. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

function documentCoding(response: Response): PageCoding | undefined {
  return negotiateCodingName(response, Object.keys(packDocument) as PageCoding[]);
}

async function compressedDocument(body: Buffer, response: Response): Promise<Buffer> {
  const coding = documentCoding(response);
  if (coding === undefined) return body;
  return coding === 'br' ? packDocument.br(body, brotliOptions) : packDocument.gzip(body);
}

function attributesText(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` data-${kebab(name)}="${escaped(value)}"`)
    .join('');
}

/** Holds the log's lines, and is empty as the page is built. */
const logElement = '<main id="log" translate="no"></main>';

/** Where a document is filled in: between two texts. */
const places = {
  attributes: ['<html', ''],
  events: ['<script type="application/json" id="first">', '</script>'],
  rows: ['', logElement],
} as const;
type Place = keyof typeof places;

/** A document in parts, between which it is filled in: to look for the places each time takes half a millisecond. */
interface Template {
  /** One more than there are places. */
  parts: readonly Buffer[];
  /** In their order. */
  places: readonly Place[];
}

function templateOf(body: Buffer): Template {
  const found = (Object.keys(places) as Place[])
    .map((place) => {
      const at = body.indexOf(places[place].join(''));
      return { place, at: at === -1 ? -1 : at + places[place][0].length };
    })
    .filter(({ at }) => at !== -1)
    .sort((one, other) => one.at - other.at);
  const ends = [...found.map(({ at }) => at), body.length];
  return {
    parts: ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end)),
    places: found.map(({ place }) => place),
  };
}

function filled({ parts, places: named }: Template, texts: Readonly<Partial<Record<Place, string>>>): Buffer {
  return Buffer.concat(
    parts.flatMap((part, at) => {
      const place = named[at - 1];
      const text = place && texts[place];
      if (text === undefined) return [part];
      // What is there as the page is built is what shows where there are no rows.
      const after = place === 'rows' ? part.subarray(logElement.length) : part;
      return [Buffer.from(text), after];
    }),
  );
}

/** A browser neither runs nor reads what such an element holds; text of a log must not end it. */
async function firstShown(events: FirstEvents): Promise<{ events: string; rows?: string }> {
  const rows = await rowsOf(events);
  return { events: JSON.stringify(events).replaceAll('<', '\\u003c'), ...defined({ rows }) };
}

/** Undefined where nothing shows before the script: also where they can't be drawn, as the script may show them. */
async function rowsOf(events: FirstEvents): Promise<string | undefined> {
  try {
    const { firstRows } = await drawing();
    return firstRows(events);
  } catch {
    return undefined;
  }
}

/** What draws lines, in a module of its own: the first answer, which is rarely a page's, does not wait for it. */
function drawing() {
  return import('./first-rows.ts');
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** Vite puts a hash of the content into the names of what stands there. */
const assets = 'assets/';

function readPage(dir: string): Map<string, PageFile> {
  const paths = new Set(listFiles(dir));
  const originals = [...paths].filter((path) => !Object.values(endings).some((ending) => path.endsWith(ending)));
  return new Map(
    originals.map((path) => {
      const name = relative(dir, path).split(sep).join('/');
      const cacheControl = name.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache';
      const body = readFileSync(path);
      const html = name.endsWith('.html') ? body.toString() : '';
      const inline = { scripts: hashesOf('script', html), styles: hashesOf('style', html) };
      const template = html === '' ? undefined : templateOf(body);
      return [name, { body, compressed: compressedOf(path, paths), cacheControl, inline, template }];
    }),
  );
}

function compressedOf(path: string, paths: ReadonlySet<string>): Map<PageCoding, string> {
  const codings = Object.keys(endings) as PageCoding[];
  return new Map(
    codings.map((coding) => [coding, path + endings[coding]] as const).filter(([, file]) => paths.has(file)),
  );
}

function hashesOf(tag: 'script' | 'style', html: string): string[] {
  return [...html.matchAll(new RegExp(`<${tag}(?: type="module")?>(.*?)</${tag}>`, 'gs'))].map(
    ([, content = '']) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`,
  );
}

/** The page's own scripts and styles pass its policy by their hashes; text of a log can't match one. */
function allowInline(response: Response, { scripts, styles }: PageFile['inline']): void {
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  const allowing = policy
    .replace("script-src 'self'", ['$&', ...scripts].join(' '))
    .replace("style-src 'self'", ['$&', ...styles].join(' '));
  response.setHeader('Content-Security-Policy', allowing);
}

/** A page that shows two logs side by side asks so for each of them. */
const isOwnFrame = /[?&]frame=(?:left|right)(?:&|$)/;

/** Only pages of this very origin may show it in a frame: no other can lay anything over it. */
function allowOwnFrame(response: Response): void {
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  response.setHeader('Content-Security-Policy', policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'"));
  response.setHeader('X-Frame-Options', 'SAMEORIGIN');
}

function listFiles(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
