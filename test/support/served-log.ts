import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBatchBuilder } from '../../agent/frame/encode.ts';
import { createFileStore, type FileStoreOptions } from '../../agent/journal/disk/logs/file-store.ts';
import type { LogStore, WritableLog } from '../../agent/journal/store.ts';
import { createServer, type Server } from '../../agent/server/server.ts';
import type { ServerOptions } from '../../agent/server/server-options.ts';
import type { Origin } from '../../agent/words/line.ts';
import type { LogInfo } from '../../agent/words/log.ts';
import { until } from './deadline.ts';

/** A log on disk and the server that shows it. */
export interface ServedLog extends AsyncDisposable {
  readonly dir: string;
  readonly store: LogStore;
  readonly log: WritableLog;
  readonly server: Server;
  /** What the server reported as nobody's fault. A test that leaves something here fails. */
  readonly unexpected: unknown[];
  /** The URL of a path without its leading slash. */
  url(path: string): string;
  /** Appends lines as one batch. */
  append(texts: string[], origin?: Partial<Origin>): Promise<void>;
  /** Appends `line n` for the next `count` ids, in batches of `batchLines`. */
  appendNumbered(count: number, batchLines?: number): Promise<void>;
  /** Appends so many lines of 1,000 bytes that retention drops some, and waits until it is done. */
  outgrowRetention(): Promise<void>;
}

export interface ServedLogOptions extends Partial<Omit<ServerOptions, 'store'>> {
  info?: Partial<LogInfo>;
  keeping?: Partial<FileStoreOptions>;
  /** Lines there are from the start. */
  lines?: number;
}

export async function serveLog({ info, keeping, lines = 0, ...options }: ServedLogOptions = {}): Promise<ServedLog> {
  const dir = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
  const viewerDir = join(dir, 'web');
  mkdirSync(join(viewerDir, 'assets'), { recursive: true });
  writeFileSync(join(viewerDir, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(viewerDir, 'assets', 'main-4f3a.js'), 'export {};');

  const store = await createFileStore({ dir: join(dir, 'logs'), ...keeping });
  const log = await store.create({ kind: 'command', name: 'make all', argv: ['make', 'all'], cwd: dir, ...info });
  const builder = createBatchBuilder(1);
  const unexpected: unknown[] = [];
  const server = await createServer({
    store,
    current: () => log,
    viewerDir,
    version: '1.2.3',
    host: '127.0.0.1',
    port: 0,
    report: (error) => unexpected.push(error),
    ...options,
  }).catch(async (error) => {
    await store.close();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  });

  async function append(texts: string[], origin: Partial<Origin> = {}): Promise<void> {
    builder.origin({ time: Date.now(), ...origin });
    for (const text of texts) {
      const bytes = Buffer.from(text);
      builder.line(bytes, 0, bytes.length);
    }
    const batch = builder.take();
    if (batch !== undefined) await log.journal.append(batch);
  }

  async function appendNumbered(count: number, batchLines = 100): Promise<void> {
    const end = log.journal.lastId + count;
    while (log.journal.lastId < end) {
      const first = log.journal.lastId + 1;
      const length = Math.min(batchLines, end - first + 1);
      await append(Array.from({ length }, (_, i) => `line ${first + i}`));
    }
  }

  async function outgrowRetention(): Promise<void> {
    const { retainBytes = 0, segmentBytes = 0 } = keeping ?? {};
    const text = 'x'.repeat(1000);
    for (let bytes = 0; bytes < retainBytes * 3; bytes += 10 * text.length) {
      await append(Array(10).fill(text));
      await until('retention', () => log.journal.size - newestSegmentBytes() + segmentBytes <= retainBytes);
    }
  }

  function newestSegmentBytes(): number {
    const folder = join(dir, 'logs', log.info.id);
    const segments = readdirSync(folder).filter((name) => name.endsWith('.sse'));
    return statSync(join(folder, segments.sort().at(-1) as string)).size;
  }

  await appendNumbered(lines);
  return {
    dir,
    store,
    log,
    server,
    unexpected,
    url: (path) => `${server.url}${path}`,
    append,
    appendNumbered,
    outgrowRetention,
    async [Symbol.asyncDispose]() {
      await server.close();
      await log.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
      if (unexpected.length > 0) throw new AggregateError(unexpected, 'the server met errors that nobody expected');
    },
  };
}

export const exited = {
  state: 'exited',
  code: 0,
  signal: null,
  startedAt: 1_763_622_000_000,
  endedAt: 1_763_622_001_000,
} as const;
