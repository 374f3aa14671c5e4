import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { RequestHandler, Response } from 'express';

/** The page's files, as they were when the agent started. */
export interface PageFiles {
  serve: RequestHandler;
  /** Whether a path is one of script and style, which anybody may have: at the root, or at a log's page. */
  isPublic(path: string): boolean;
}

interface PageFile {
  body: Buffer;
  cacheControl: string;
  /** Sources for the policy's `script-src`: hashes of the scripts in it. */
  inlineScripts: string[];
}

/**
 * Serves the page's files from memory: together they are small, and they may be replaced while the agent runs (an
 * update, or sse-tail streaming the build of itself).
 *
 * @param dir the directory that the page was built into; where there is none, nothing is served
 */
export function createPageFiles(dir: string): PageFiles {
  const files = readPage(dir);
  return {
    serve(request, response, next) {
      const file = files.get(request.path === '/' ? 'index.html' : request.path.slice(1));
      if (file === undefined) return next();
      allowScripts(response, file.inlineScripts);
      response
        .type(extname(request.path) || 'html')
        .set('Cache-Control', file.cacheControl)
        .send(response.locals.isRoot === true ? atRoot(file.body) : file.body);
    },
    isPublic(path) {
      const name = path.replace(/^\/logs\/[^/]+(?=\/)/, '').slice(1);
      return name.startsWith(assets) && files.has(name);
    },
  };
}

/** Tells the list of logs that it is asked for as `/`: under a proxy's prefix its address doesn't say so. */
function atRoot(page: Buffer): string {
  return page.toString().replace('<html', '<html data-at="root"');
}

/** Vite puts a hash of the content into the names of what stands there. */
const assets = 'assets/';

function readPage(dir: string): Map<string, PageFile> {
  return new Map(
    listFiles(dir).map((path) => {
      const name = relative(dir, path).split(sep).join('/');
      const cacheControl = name.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache';
      const body = readFileSync(path);
      const inlineScripts = name.endsWith('.html') ? inlineScriptsIn(body.toString()) : [];
      return [name, { body, cacheControl, inlineScripts }];
    }),
  );
}

function inlineScriptsIn(html: string): string[] {
  return [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
}

/** The page's own scripts pass its policy by their hashes; text of a log can't match one. */
function allowScripts(response: Response, hashes: readonly string[]): void {
  if (hashes.length === 0) return;
  const policy = String(response.getHeader('Content-Security-Policy') ?? '');
  response.setHeader('Content-Security-Policy', policy.replace("script-src 'self'", ['$&', ...hashes].join(' ')));
}

function listFiles(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
