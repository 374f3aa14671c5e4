import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import { parseStoreAddress, type StoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { type Publisher, startPublishing } from '../../agent/journal/nats/publish/publisher.ts';
import type { WritableLog } from '../../agent/journal/store.ts';
import { defined } from '../../agent/words/defined.ts';
import { atEnd } from './at-end.ts';
import { idsOf, readAll } from './journal.ts';
import { tempFolder } from './temp-folder.ts';

export interface PublishedLog {
  address: StoreAddress;
  log: WritableLog;
  publisher: Publisher;
  /** What whoever runs the agent was told. */
  reports: string[];
  /** As an agent ends. */
  close(): Promise<void>;
}

export interface PublishedLogOptions {
  /** Where its store is on disk. */
  dir?: string;
  retainBytes?: number;
  /** The log of an agent before it; without it, a new one. */
  resume?: string;
  /** Path of a credentials file. */
  credentials?: string;
}

/** A log on disk, and its publisher; both are closed when the test is over. */
export async function publishLog(
  url: string,
  { dir, resume, credentials, ...options }: PublishedLogOptions = {},
): Promise<PublishedLog> {
  const address = parseStoreAddress(url);
  const files = await createFileStore({ dir: dir ?? (await tempFolder()), ...options });
  const log = await (resume === undefined
    ? files.create({ kind: 'stdin', name: 'log', cwd: '/' })
    : files.resume(resume));
  const reports: string[] = [];
  const publisher = startPublishing({
    log,
    address,
    report: (sentence) => reports.push(sentence),
    ...defined({ credentials }),
  });
  const close = async () => {
    await publisher.close();
    await files.close();
  };
  atEnd(close);
  return { address, log, publisher, reports, close };
}

/** The lines that a store has of a log, as a gateway that comes now finds them. */
export async function idsAt(url: string, id: string): Promise<number[]> {
  const store = await openNatsStore({ address: parseStoreAddress(url) });
  try {
    const log = await store.get(id);
    return log === undefined ? [] : idsOf(await readAll(log.journal));
  } finally {
    await store.close();
  }
}
