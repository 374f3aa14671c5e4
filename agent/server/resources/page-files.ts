import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import type { RequestHandler } from 'express';

/** The page's files, as they were when the agent started. */
interface PageFile {
  body: Buffer;
  cacheControl: string;
}

/**
 * Serves the page's files from memory: together they are small, and they may be replaced while the agent runs (an
 * update, or sse-tail streaming the build of itself). They are not compressed: the way to the browser is short.
 *
 * @param dir the directory that the page was built into; where there is none, nothing is served
 */
export function serveViewer(dir: string): RequestHandler {
  const files = readPage(dir);
  return (request, response, next) => {
    const path = request.path === '/' ? 'index.html' : request.path.slice(1);
    const file = files.get(path);
    if (file === undefined) return next();
    response.type(extname(path)).set('Cache-Control', file.cacheControl).send(file.body);
  };
}

function readPage(dir: string): Map<string, PageFile> {
  return new Map(
    listFiles(dir).map((path) => {
      const name = relative(dir, path).split(sep).join('/');
      // Vite puts a hash of the content into the names of what stands in `assets`.
      const cacheControl = name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      return [name, { body: readFileSync(path), cacheControl }];
    }),
  );
}

function listFiles(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return [];
  }
}
