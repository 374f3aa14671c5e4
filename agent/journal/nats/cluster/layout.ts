import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { SseTailError } from '../../../words/errors.ts';
import type { Client } from './client.ts';
import type { StoreAddress } from './store-address.ts';

/**
 * Names in the cluster. A log's batches are messages on `<name>.<shard>.<log>` in one of a fixed number of streams: a
 * stream for each log does not scale (a server takes some 2,000 replicated ones), and one for all has a single leader.
 */
export interface Layout {
  readonly shards: number;
  streamOf(log: string): string;
  /** Whether several servers have a log's stream, of which the next best one may be behind the leader. */
  isReplicated(log: string): boolean;
  /** Where a log's batches are published. */
  batches(log: string): string;
  /** Where the server passes on each batch that it has stored, to whoever listens at that moment. */
  fresh(log: string): string;
  /** What is not kept: unfinished rows and the agent's status. */
  live(log: string): string;
  /** Answered by the agent that writes the log. */
  writer(log: string): string;
}

/** Of a log id, as one token of a subject and as a key: ids hold no `=`. */
export function tokenOf(log: string): string {
  return log.replaceAll('.', '=');
}

/** FNV-1a, 32 bits: every client of any version has to come to the same shard. */
function shardOf(log: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < log.length; i++) hash = Math.imul(hash ^ log.charCodeAt(i), 0x01000193) >>> 0;
  return hash % shards;
}

/** The streams and the bucket are there. */
export interface OpenedLayout {
  layout: Layout;
  manager: JetStreamManager;
  /** One entry for each log, and `layout`. */
  bucket: KV;
  /** The smallest of the streams takes so many bytes, the oldest go first; Infinity without a limit. */
  streamBytes: number;
  /** Shards of which several servers have a copy, as far as is known: an operator may change it at any time. */
  replicated: Set<number>;
}

const layoutKey = 'layout';

export interface LayoutOptions {
  /** The only log that is wanted: one of a hundred thousand agents does not look after all streams. */
  log?: string;
  /** As many as there were, where the bucket was lost that has their number: lines are in the streams of their logs. */
  shards?: number;
  /** Known to whoever has the layout from before; it is brought up to date. */
  replicated?: Set<number>;
}

/**
 * Makes the streams and the bucket where they are missing. The first one decides about the number of shards.
 *
 * @throws SseTailError kind `journal`: one sentence
 */
export async function openLayout(client: Client, options: LayoutOptions = {}): Promise<OpenedLayout> {
  const { log, replicated = new Set() } = options;
  const { address, connection } = client;
  const [{ jetstream, jetstreamManager }, { Kvm }] = await Promise.all([
    import('@nats-io/jetstream'),
    import('@nats-io/kv'),
  ]);
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: 5000 });
    const bucket = await new Kvm(jetstream(connection, { timeout: 5000 })).create(bucketName(address.name), {
      replicas: address.replicas,
      history: 1,
    });
    const shards = await agreeOnShards(bucket, options.shards ?? address.shards);
    const wanted = log === undefined ? Array.from({ length: shards }, (_, shard) => shard) : [shardOf(log, shards)];
    let streamBytes = Number.POSITIVE_INFINITY;
    for (const shard of wanted) {
      const config = await ensureStream(manager, streamConfig(address, shard, shards));
      if (config.max_bytes > 0) streamBytes = Math.min(streamBytes, config.max_bytes);
      noteReplicas(replicated, shard, config);
    }
    return { layout: layoutOf(address.name, shards, replicated), manager, bucket, streamBytes, replicated };
  } catch (error) {
    throw new SseTailError('journal', storeTrouble(error, address), { store: address.shown }, error);
  }
}

function noteReplicas(replicated: Set<number>, shard: number, { num_replicas }: StreamConfig): void {
  if (num_replicas > 1) replicated.add(shard);
  else replicated.delete(shard);
}

/**
 * How many servers have a shard may have changed since it was opened.
 *
 * @throws what the cluster says
 */
export async function lookAtReplicas(opened: OpenedLayout, { name }: StoreAddress, shard: number): Promise<void> {
  const { config } = await opened.manager.streams.info(streamName(name, shard));
  noteReplicas(opened.replicated, shard, config);
}

function layoutOf(name: string, shards: number, replicated: ReadonlySet<number>): Layout {
  const place = (log: string) => `${shardOf(log, shards)}.${tokenOf(log)}`;
  return {
    shards,
    streamOf: (log) => streamName(name, shardOf(log, shards)),
    isReplicated: (log) => replicated.has(shardOf(log, shards)),
    batches: (log) => `${name}.${place(log)}`,
    fresh: (log) => `${name}-fresh.${place(log)}`,
    live: (log) => `${name}-live.${tokenOf(log)}`,
    writer: (log) => `${name}-writer.${tokenOf(log)}`,
  };
}

async function agreeOnShards(bucket: KV, wanted: number): Promise<number> {
  const known = await bucket.get(layoutKey);
  if (known !== null) return shardsIn(known.string());
  try {
    await bucket.create(layoutKey, JSON.stringify({ shards: wanted }));
    return wanted;
  } catch (error) {
    const other = await bucket.get(layoutKey);
    if (other === null) throw error;
    return shardsIn(other.string());
  }
}

/** A wrong number would have lines looked for where they are not. */
function shardsIn(text: string): number {
  const shards = /^\{"shards":(\d{1,4})\}$/.exec(text)?.[1];
  if (shards === undefined) throw new Error(`the entry ${layoutKey} of its bucket is not one of sse-tail's`);
  return Number(shards);
}

function streamName(name: string, shard: number): string {
  return `${name}-${shard}`;
}

function streamConfig({ name, replicas, maxBytes, maxAgeMs }: StoreAddress, shard: number, shards: number) {
  return {
    name: streamName(name, shard),
    subjects: [`${name}.${shard}.*`],
    storage: 'file',
    retention: 'limits',
    discard: 'old',
    num_replicas: replicas,
    max_bytes: maxBytes === undefined ? -1 : Math.ceil(maxBytes / shards),
    max_age: (maxAgeMs ?? 0) * 1_000_000,
    // What a log still has is sent again after a loss: the server need not remember ids of messages for it.
    duplicate_window: 1_000_000_000,
    allow_direct: true,
    republish: { src: `${name}.${shard}.*`, dest: `${name}-fresh.${shard}.{{wildcard(1)}}` },
  } as unknown as StreamConfig;
}

/** As it is, which is not always as it was asked for. */
async function ensureStream(manager: JetStreamManager, wanted: StreamConfig): Promise<StreamConfig> {
  try {
    return (await manager.streams.info(wanted.name)).config;
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return (await manager.streams.add(wanted)).config;
  } catch (refusal) {
    // Somebody else was quicker.
    const { config } = await manager.streams.info(wanted.name).catch(() => {
      throw refusal;
    });
    return config;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof Error && /not found/i.test(error.message);
}

/** Whether all streams are there. */
export async function isComplete({ manager, layout }: OpenedLayout, { name }: StoreAddress): Promise<boolean> {
  const names = new Set<string>();
  for await (const one of manager.streams.names(`${name}.>`)) names.add(one);
  return Array.from({ length: layout.shards }, (_, shard) => streamName(name, shard)).every((one) => names.has(one));
}

/** When the bucket was made, in ISO 8601: tells one that was made anew from the one before it. */
export async function bucketBirth({ manager }: OpenedLayout, address: StoreAddress): Promise<string> {
  return (await manager.streams.info(bucketStream(address))).created;
}

/** The stream that the bucket is to the server. */
export function bucketStream({ name }: StoreAddress): string {
  return `KV_${bucketName(name)}`;
}

function bucketName(name: string): string {
  return `${name}-logs`;
}

/** What the store says no with, in one sentence. */
export function storeTrouble(error: unknown, { shown }: StoreAddress): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/jetstream.*not.*enabled|no responders|jetstream system temporarily unavailable/i.test(message)) {
    return `JetStream at ${shown} is unavailable: enable it, or wait until its cluster has a leader.`;
  }
  if (/timeout/i.test(message)) return `JetStream at ${shown} does not answer.`;
  if (/insufficient (storage )?resources|maximum (bytes|messages)|no space|exceeds|limits? exceeded/i.test(message)) {
    return `${shown} has no room: ${message}.`;
  }
  if (/permissions violation/i.test(message))
    return `${shown} does not permit that with these credentials: ${message}.`;
  return `${shown} refused: ${message}.`;
}
