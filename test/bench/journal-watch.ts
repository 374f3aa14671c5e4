import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Resolves when the only log in a state dir holds this id; found by looking at its files, so the agent has no work with
 * it.
 */
export async function journalReaches(stateDir: string, id: number, deadlineMs = 120_000): Promise<void> {
  const endsAt = performance.now() + deadlineMs;
  while (lastIdIn(stateDir) < id) {
    if (performance.now() > endsAt) throw new Error(`Not within ${deadlineMs} ms: id ${id} in the journal`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Paths of a log's segments, oldest first. */
export function segmentPaths(logDir: string): string[] {
  return readdirSync(logDir)
    .filter((name) => name.endsWith('.sse'))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => join(logDir, name));
}

/** Folder of the only log in a state dir. */
export function onlyLogDir(stateDir: string): string | undefined {
  try {
    const entry = readdirSync(stateDir, { withFileTypes: true }).find((each) => each.isDirectory());
    return entry === undefined ? undefined : join(stateDir, entry.name);
  } catch {
    return undefined;
  }
}

const lookAt = Buffer.alloc(4096);

function lastIdIn(stateDir: string): number {
  const logDir = onlyLogDir(stateDir);
  const newest = logDir === undefined ? undefined : segmentPaths(logDir).at(-1);
  if (newest === undefined) return 0;
  const file = openSync(newest, 'r');
  try {
    const length = readSync(file, lookAt, 0, lookAt.length, Math.max(0, fstatSync(file).size - lookAt.length));
    const text = lookAt.toString('latin1', 0, length);
    return Number(/^id: (\d+)\n/.exec(text.slice(text.lastIndexOf('\nid: ') + 1))?.[1] ?? 0);
  } finally {
    closeSync(file);
  }
}
