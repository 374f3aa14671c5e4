import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort } from './free-port.ts';
import { type NatsServer, startNatsServer } from './nats-server.ts';
import type { Machine } from './network.ts';

/** Three servers that hold each batch of their only shard three times. Its disposal ends them. */
export interface NatsCluster extends AsyncDisposable {
  readonly nodes: readonly NatsServer[];
  /** What `--store` takes. */
  readonly url: string;
  /** The node that decides which batches are stored, as another one says; undefined while there is none. */
  leader(askedNode?: NatsServer): Promise<NatsServer | undefined>;
  /** The last sequence that a node gives out, 0 while it does not answer. */
  lastSeq(askedNode: NatsServer): Promise<number>;
  /** Whether all three have the same. Whoever takes one away waits for that first: NATS 2.9 may delete streams else. */
  isCurrent(): Promise<boolean>;
  /** Has another node lead. */
  moveLeader(): Promise<void>;
}

const stream = 'sse-tail-0';
const askMs = 5000;

/** @param machines where they run, on one loopback without them */
export async function startNatsCluster(machines?: readonly Machine[]): Promise<NatsCluster> {
  const places = machines ?? (await onLoopback());
  const routes = places.map(({ route }) => `"nats://${route}"`).join(', ');
  // All at once: none of them has JetStream before two are there.
  const nodes = await Promise.all(
    places.map(({ address, route, inside }, index) =>
      startNatsServer(
        `server_name: node-${index}\ncluster { name: test, listen: "${route}", routes: [${routes}] }`,
        address,
        inside,
      ),
    ),
  );

  async function clusterAt(node: NatsServer) {
    const info = await at(node, (manager) => manager.streams.info(stream)).catch(() => undefined);
    return info?.cluster;
  }

  const cluster: NatsCluster = {
    nodes,
    url: `nats://${nodes.map(({ url }) => url.replace('nats://', '')).join(',')}?replicas=3&shards=1`,
    async leader(askedNode = nodes[0] as NatsServer) {
      const name = (await clusterAt(askedNode))?.leader;
      return nodes.find((_, index) => `node-${index}` === name);
    },
    async lastSeq(askedNode) {
      const info = await at(askedNode, (manager) => manager.streams.info(stream)).catch(() => undefined);
      return info?.state.last_seq ?? 0;
    },
    async isCurrent() {
      const replicas = (await clusterAt(nodes[0] as NatsServer))?.replicas;
      return replicas?.length === 2 && replicas.every(({ current }) => current);
    },
    async moveLeader() {
      const connection = await connect({ servers: nodes.map(({ url }) => url), timeout: askMs });
      try {
        await connection.request(`$JS.API.STREAM.LEADER.STEPDOWN.${stream}`, '', { timeout: askMs });
      } finally {
        await connection.close();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node.stop();
    },
  };
  return cluster;
}

async function onLoopback() {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  return ports.map((port) => ({ address: '127.0.0.1', route: `127.0.0.1:${port}`, inside: [] as readonly string[] }));
}

/** Asks one node only. */
async function at<Answer>({ url }: NatsServer, ask: (manager: JetStreamManager) => Promise<Answer>): Promise<Answer> {
  const connection = await connect({ servers: url, timeout: askMs, reconnect: false });
  try {
    return await ask(await jetstreamManager(connection, { checkAPI: false, timeout: askMs }));
  } finally {
    await connection.close();
  }
}
