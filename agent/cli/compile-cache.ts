import * as module from 'node:module';
import { cacheDirectory } from '../cache-directory.ts';

const { enableCompileCache, flushCompileCache } = module as {
  enableCompileCache?: (directory: string) => unknown;
  flushCompileCache?: () => void;
};

/**
 * Node writes the cache when a process exits, which one that is killed never does. Before V8 gets the flags of
 * agent/system/startup/engine.ts, with which the next start could not read it.
 */
const flushAfterMs = 1000;

/**
 * From Node 22.1 on V8 keeps what it has compiled for the next start; before, this does nothing. Not in Node's own
 * place for it, which is in everybody's directory for temporary files: whoever has made it first decides what is run.
 */
export function keepCompiledCode(): void {
  const directory = enableCompileCache && cacheDirectory('compiled');
  if (directory === undefined) return;
  enableCompileCache?.(directory);
  setTimeout(() => flushCompileCache?.(), flushAfterMs).unref();
}
