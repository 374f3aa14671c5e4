import { basename, dirname } from 'node:path';
import express, { type RequestHandler } from 'express';

/** The page's files. They are not compressed: they are small, and the way here is short. */
export function serveViewer(dir: string): RequestHandler {
  return express.static(dir, {
    index: 'index.html',
    redirect: false,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders(response, path) {
      // Vite puts a hash of the content into the names of what stands in `assets`.
      const isHashed = basename(dirname(path)) === 'assets';
      response.setHeader('Cache-Control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
