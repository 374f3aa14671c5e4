/** How a balancer chooses the gateway of a viewer. */
export type Balancing =
  /** Any of them. */
  | 'any'
  /** By hash of the log: its viewers meet at one gateway, however many they are. */
  | 'log'
  /** The same, but a gateway that has a quarter more than its share passes them on to the next one. */
  | 'log, bounded';

/** What there is to serve. */
export interface Load {
  logs: number;
  viewers: number;
  /** Seconds that a log lives, and a viewer stays, on average. */
  logLife: number;
  viewerStay: number;
  /** Batches a second of the slowest and of the fastest log; the logarithm is spread evenly between them. */
  slowest: number;
  fastest: number;
  /** Exponent of Zipf's law: the log of rank n has 1 / n^exponent of the most popular one's viewers. */
  popularity: number;
}

/** What serves it. */
export interface Plan {
  balancing: Balancing;
  /** A power of two: the balancer walks through them by an odd step. */
  gateways: number;
  /** NATS nodes beside the gateways, which have each batch sent to them once; 0: gateways connect to the cluster. */
  leafNodes: number;
  shards: number;
  /** Seconds that are simulated, between the deaths of two gateways, and until one is started again. */
  seconds: number;
  killEvery: number;
  awayFor: number;
}

export const largeLoad: Load = {
  ...{ logs: 100_000, viewers: 1_000_000, logLife: 1200, viewerStay: 600 },
  ...{ slowest: 0.01, fastest: 10, popularity: 1 },
};

export const largePlan: Plan = {
  ...{ balancing: 'any', gateways: 128, leafNodes: 0, shards: 32 },
  ...{ seconds: 300, killEvery: 60, awayFor: 20 },
};
