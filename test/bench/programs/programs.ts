import { express } from './express.ts';
import { floor, readStream } from './floor.ts';
import { createFrontail } from './frontail.ts';
import { createNginx } from './nginx.ts';
import type { Program, ProgramName } from './program.ts';
import { sseTail } from './sse-tail.ts';
import { createWebsocketd } from './websocketd.ts';

/** Gives programs by name, downloading peers when they are first asked for. */
export interface Programs {
  /** The program, or a sentence that says why it can't be had. */
  get(name: ProgramName): Promise<Program | string>;
}

const factories: Record<ProgramName, () => Promise<Program>> = {
  'sse-tail': async () => sseTail,
  floor: async () => floor,
  createReadStream: async () => readStream,
  express: async () => express,
  frontail: createFrontail,
  websocketd: createWebsocketd,
  nginx: createNginx,
};

/** Whether it comes from npm or Debian at the benchmark's first run. */
export function isDownloaded(name: ProgramName): boolean {
  return name === 'frontail' || name === 'websocketd' || name === 'nginx';
}

export function createPrograms(): Programs {
  const made = new Map<ProgramName, Promise<Program | string>>();
  return {
    get(name) {
      const known = made.get(name);
      if (known !== undefined) return known;
      const program = factories[name]().catch((error: Error) => `not available: ${error.message.split('\n')[0]}`);
      made.set(name, program);
      return program;
    },
  };
}
