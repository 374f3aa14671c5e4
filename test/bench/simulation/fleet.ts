import { type Chance, hashOf } from './chance.ts';
import type { Plan } from './plan.ts';

/** The gateways, the streams that they serve, and what NATS sends them because of that. */
export interface Fleet {
  readonly viewers: Int32Array;
  /** Batches a second that come to each gateway. */
  readonly batchesIn: Float64Array;
  /** Batches a second that the cluster sends: to gateways, or to leaf nodes. */
  readonly sent: number;
  /** Logs that somebody views. */
  readonly viewedLogs: number;
  readonly alive: number;
  choose(log: number): number;
  join(log: number, gateway: number): void;
  leave(log: number, gateway: number): void;
  kill(gateway: number): void;
  revive(gateway: number): void;
  isAlive(gateway: number): boolean;
}

const boundShare = 1.25;

/** @param rates batches a second of each log; the owner ends a log's views before he changes its rate */
export function createFleet(plan: Plan, rates: Float64Array, chance: Chance): Fleet {
  const { gateways, leafNodes, balancing } = plan;
  const places = Math.max(1, leafNodes);
  const isAlive = new Uint8Array(gateways).fill(1);
  const viewers = new Int32Array(gateways);
  const batchesIn = new Float64Array(gateways);
  /** Viewers of a log at a gateway, gateways that follow it behind a leaf node, and both anywhere. */
  const pairs = new Int32Array(rates.length * gateways);
  const behind = new Int32Array(rates.length * places);
  const anywhere = new Int32Array(rates.length);
  let alive = gateways;
  let connected = 0;
  let sent = 0;
  let viewedLogs = 0;

  function follow(log: number, gateway: number, by: 1 | -1): void {
    const rate = by * (rates[log] as number);
    batchesIn[gateway] = (batchesIn[gateway] as number) + rate;
    const place = log * places + (gateway % places);
    const before = behind[place] as number;
    behind[place] = before + by;
    if (leafNodes === 0 || before === 0 || before + by === 0) sent += rate;
    const all = anywhere[log] as number;
    anywhere[log] = all + by;
    if (all === 0) viewedLogs++;
    if (all + by === 0) viewedLogs--;
  }

  function change(log: number, gateway: number, by: 1 | -1): void {
    const pair = log * gateways + gateway;
    const before = pairs[pair] as number;
    pairs[pair] = before + by;
    viewers[gateway] = (viewers[gateway] as number) + by;
    connected += by;
    if (before === 0 || before + by === 0) follow(log, gateway, by);
  }

  function anyOne(): number {
    for (;;) {
      const gateway = chance.below(gateways);
      if (isAlive[gateway]) return gateway;
    }
  }

  /** The first one on the log's own way through all of them that is there and has room. */
  function byLog(log: number, most: number): number {
    const hash = hashOf(log + 1);
    const step = (hash >>> 16) | 1;
    for (let gateway = hash & (gateways - 1); ; gateway = (gateway + step) & (gateways - 1)) {
      if (isAlive[gateway] && (viewers[gateway] as number) < most) return gateway;
    }
  }

  return {
    viewers,
    batchesIn,
    get sent() {
      return sent;
    },
    get viewedLogs() {
      return viewedLogs;
    },
    get alive() {
      return alive;
    },
    choose(log) {
      if (balancing === 'any') return anyOne();
      return byLog(
        log,
        balancing === 'log' ? Number.POSITIVE_INFINITY : Math.ceil((boundShare * (connected + 1)) / alive),
      );
    },
    join: (log, gateway) => change(log, gateway, 1),
    leave: (log, gateway) => change(log, gateway, -1),
    kill(gateway) {
      isAlive[gateway] = 0;
      alive--;
    },
    revive(gateway) {
      isAlive[gateway] = 1;
      alive++;
    },
    isAlive: (gateway) => isAlive[gateway] === 1,
  };
}
