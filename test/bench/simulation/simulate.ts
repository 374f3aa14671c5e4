import { countsIntervalMs } from '../../../agent/journal/nats/publish/counts-interval.ts';
import { createChance, createZipf, hashOf } from './chance.ts';
import { createFleet, type Fleet } from './fleet.ts';
import type { Load, Plan } from './plan.ts';

/** What was seen, second by second, once the viewers were there. */
export interface Outcome {
  /** Batches a second that agents publish: all, and those of the busiest shard. */
  published: number;
  busiestShard: number;
  viewedLogs: Range;
  /** Of the gateway that had the most at that moment. */
  busiestViewers: Range;
  busiestBatchesIn: Range;
  /** Batches a second that the cluster sends to gateways or leaf nodes. */
  sent: Range;
  /** Entries of the list that agents put there in a second; each of them goes to every gateway. */
  listed: Range;
  /** Streams that are opened in a second: by new viewers, and by those whose gateway died. */
  opened: Range;
  /** Viewers that had a stream at the end, and that are between two. */
  connected: number;
  reconnecting: number;
}

export interface Range {
  mean: number;
  most: number;
}

/** An EventSource waits so many seconds before it comes again, and up to as long again by jitter. */
const retryAfter = 2;
const nowhere = -1;

/** Seconds, in each of which logs end and begin, viewers leave and come, gateways die and are started again. */
export function simulate(load: Load, plan: Plan, seed = 1): Outcome {
  const chance = createChance(seed);
  const popular = createZipf(load.logs, load.popularity, chance);
  const rates = new Float64Array(load.logs).map(() => rateOf(load, chance.next()));
  const bornAt = new Float64Array(load.logs).map(() => load.logLife * Math.log(1 - chance.next()));
  // Of their own: the same logs and viewers come whatever the balancer does.
  const fleet = createFleet(plan, rates, createChance(seed + 1));
  const fate = createChance(seed + 2);
  const logOf = new Int32Array(load.viewers).map(popular);
  const gatewayOf = new Int32Array(load.viewers).fill(nowhere);
  /** Viewers by the second in which they come again. */
  const coming = new Map<number, number[]>();
  const seen = createRecord();
  let opened = 0;

  function join(viewer: number): void {
    const log = logOf[viewer] as number;
    const gateway = fleet.choose(log);
    gatewayOf[viewer] = gateway;
    fleet.join(log, gateway);
    opened++;
  }

  function leave(viewer: number): void {
    if (gatewayOf[viewer] !== nowhere) fleet.leave(logOf[viewer] as number, gatewayOf[viewer] as number);
    gatewayOf[viewer] = nowhere;
  }

  /** Somebody else comes for whoever leaves. */
  function replace(viewer: number): void {
    const isConnected = gatewayOf[viewer] !== nowhere;
    leave(viewer);
    logOf[viewer] = popular();
    // Whoever is on the way already comes in his own second.
    if (isConnected) join(viewer);
  }

  function endLogs(second: number): void {
    const ended = new Set<number>();
    for (let more = chance.count(load.logs / load.logLife); more > 0; more--) ended.add(chance.below(load.logs));
    if (ended.size === 0) return;
    const viewers: number[] = [];
    for (let viewer = 0; viewer < load.viewers; viewer++) if (ended.has(logOf[viewer] as number)) viewers.push(viewer);
    const connected = viewers.filter((viewer) => gatewayOf[viewer] !== nowhere);
    for (const viewer of connected) leave(viewer);
    for (const log of ended) {
      rates[log] = rateOf(load, chance.next());
      bornAt[log] = second;
    }
    for (const viewer of viewers) logOf[viewer] = popular();
    for (const viewer of connected) join(viewer);
  }

  function killOne(second: number): void {
    const victim = fate.below(plan.gateways);
    if (!fleet.isAlive(victim)) return;
    fleet.kill(victim);
    for (let viewer = 0; viewer < load.viewers; viewer++) {
      if (gatewayOf[viewer] !== victim) continue;
      leave(viewer);
      const at = second + retryAfter + fate.below(retryAfter + 1);
      coming.set(at, [...(coming.get(at) ?? []), viewer]);
    }
    revivals.set(second + plan.awayFor, victim);
  }

  const revivals = new Map<number, number>();
  for (let viewer = 0; viewer < load.viewers; viewer++) join(viewer);
  for (let second = 1; second <= plan.seconds; second++) {
    opened = 0;
    endLogs(second);
    for (let more = chance.count(load.viewers / load.viewerStay); more > 0; more--) replace(chance.below(load.viewers));
    for (const viewer of coming.get(second) ?? []) join(viewer);
    coming.delete(second);
    const back = revivals.get(second);
    if (back !== undefined) fleet.revive(back);
    if (second % plan.killEvery === 0) killOne(second);
    seen.add(fleet, { opened, listed: listedAt(second, rates, bornAt) });
  }
  const shards = new Float64Array(plan.shards);
  for (const [log, rate] of rates.entries()) {
    const shard = hashOf(log + load.logs) % plan.shards;
    shards[shard] = (shards[shard] as number) + rate;
  }
  return {
    published: sum(rates),
    busiestShard: Math.max(...shards),
    ...seen.ranges(),
    connected: gatewayOf.filter((gateway) => gateway !== nowhere).length,
    reconnecting: [...coming.values()].reduce((total, viewers) => total + viewers.length, 0),
  };
}

function rateOf({ slowest, fastest }: Load, share: number): number {
  return slowest * (fastest / slowest) ** share;
}

/** Entries of logs that have new lines are due as often as an agent of that age says; never more often than lines. */
function listedAt(second: number, rates: Float64Array, bornAt: Float64Array): number {
  let listed = 0;
  for (let log = 0; log < rates.length; log++) {
    const interval = countsIntervalMs((second - (bornAt[log] as number)) * 1000) / 1000;
    listed += Math.min(rates[log] as number, 1 / interval);
  }
  return listed;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function createRecord() {
  const names = ['viewedLogs', 'busiestViewers', 'busiestBatchesIn', 'sent', 'listed', 'opened'] as const;
  const values = new Map(names.map((name) => [name, [] as number[]]));
  return {
    add({ viewedLogs, viewers, batchesIn, sent }: Fleet, { opened, listed }: { opened: number; listed: number }): void {
      const now = { viewedLogs, sent, opened, listed };
      const busiest = { busiestViewers: Math.max(...viewers), busiestBatchesIn: Math.max(...batchesIn) };
      for (const [name, value] of Object.entries({ ...now, ...busiest }))
        values.get(name as (typeof names)[number])?.push(value);
    },
    ranges(): Record<(typeof names)[number], Range> {
      const ranges = names.map((name) => {
        const all = values.get(name) ?? [];
        return [name, { mean: all.reduce((total, value) => total + value, 0) / all.length, most: Math.max(...all) }];
      });
      return Object.fromEntries(ranges);
    },
  };
}
