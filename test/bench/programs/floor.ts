import { fileURLToPath } from 'node:url';
import { createProgram, type Program, type Server, startNode } from './program.ts';

function floorFile(name: string): string {
  return fileURLToPath(new URL(`../floors/${name}`, import.meta.url));
}

/** Bare Node programs that do the least possible for the same observable result. */
export const floor: Program = createProgram({
  name: 'floor',
  follow: (path) =>
    startNode(floorFile('command.mjs'), ['tail', '-n', '+1', '-F', path], { protocol: 'lines', path: '/' }),
  run: (argv) => startNode(floorFile('command.mjs'), argv, { protocol: 'lines', path: '/' }),
  serve: (path) => startNode(floorFile('blocks.mjs'), [path], { protocol: 'sse', path: '/' }),
});

/** A file served as most Node programs do it. */
export const readStream: Program = createProgram({
  name: 'createReadStream',
  serve: (path) => startNode(floorFile('read-stream.mjs'), [path], { protocol: 'sse', path: '/' }),
});

/** Serves one document, which a file holds compressed by brotli. */
export function servePage(path: string): Promise<Server> {
  return startNode(floorFile('page.mjs'), [path], { protocol: 'lines', path: '/' });
}

/** Reads a file and counts its lines. */
export const countLines: string = floorFile('count-lines.mjs');
