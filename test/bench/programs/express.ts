import { fileURLToPath } from 'node:url';
import type { Target } from '../load/target.ts';
import { createProgram, type Program, startNode } from './program.ts';

const program = fileURLToPath(new URL('../peers/express-sse.mjs', import.meta.url));
const target: Omit<Target, 'port'> = { protocol: 'sse', path: '/events' };

/** What a developer would write in ten minutes. */
export const express: Program = createProgram({
  name: 'express',
  follow: (path) => startNode(program, ['tail', '-n', '+1', '-F', path], target),
  run: (argv) => startNode(program, argv, target),
});
