import type { Response } from 'express';
import type { Gauge, Registry } from 'prom-client';
import type { Finder } from '../../finding/thread/finder.ts';
import type { Log } from '../../journal/store.ts';
import type { Streams } from '../stream/stream-registry.ts';

export interface MetricsContext {
  current: () => Log | undefined;
  streams: Streams;
  finder: Finder;
  version: string;
}

/** Answers `metrics`, in Prometheus' text format. */
export type SendMetrics = (response: Response) => Promise<void>;

/** Nothing is loaded and nothing is watched before they are asked for: most agents never are. */
export function createMetrics(context: MetricsContext): SendMetrics {
  let registry: Promise<Registry> | undefined;
  return async (response) => {
    registry ??= createRegistry(context);
    const { contentType, metrics } = await registry.then(async (made) => ({
      contentType: made.contentType,
      metrics: await made.metrics(),
    }));
    response.setHeader('Content-Type', contentType);
    response.setHeader('Cache-Control', 'no-store');
    response.end(metrics);
  };
}

/** What is counted up is read where it is known already, when somebody asks. */
interface Measure {
  name: string;
  help: string;
  type: 'counter' | 'gauge';
  read(): number;
}

async function createRegistry({ current, streams, finder, version }: MetricsContext): Promise<Registry> {
  const prometheus = await import('prom-client');
  const registry = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: registry });
  new prometheus.Gauge({
    name: 'sse_tail_info',
    help: 'The version that runs.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  for (const measure of measuresOf(streams, finder)) {
    addMeasure(prometheus, registry, measure, (gauge) => gauge.set(measure.read()));
  }
  for (const { read, ...measure } of logMeasures) {
    addMeasure(prometheus, registry, { ...measure, labels: ['log'] }, (gauge) => {
      const log = current();
      gauge.reset();
      if (log !== undefined) gauge.set({ log: log.info.id }, read(log));
    });
  }
  return registry;
}

function measuresOf(streams: Streams, finder: Finder): Measure[] {
  return [
    {
      name: 'sse_tail_subscribers',
      help: 'Event streams that are connected.',
      type: 'gauge',
      read: () => streams.subscribers,
    },
    {
      name: 'sse_tail_lag_lines',
      help: 'Lines that the slowest client has not been sent.',
      type: 'gauge',
      read: () => streams.lag,
    },
    {
      name: 'sse_tail_searches_running',
      help: 'Searches under way in the search thread.',
      type: 'gauge',
      read: () => finder.running,
    },
    {
      name: 'sse_tail_searches_total',
      help: 'Searches since the agent was started.',
      type: 'counter',
      read: () => finder.asked,
    },
  ];
}

const logMeasures: readonly (Omit<Measure, 'read'> & { read(log: Log): number })[] = [
  {
    name: 'sse_tail_lines_total',
    help: 'Lines of the current log.',
    type: 'counter',
    read: ({ journal }) => journal.lastId,
  },
  {
    name: 'sse_tail_dropped_lines_total',
    help: 'Lines of the current log that retention has dropped.',
    type: 'counter',
    read: ({ journal }) => Math.max(0, journal.firstId - 1),
  },
  {
    name: 'sse_tail_journal_bytes',
    help: 'Bytes kept of the current log.',
    type: 'gauge',
    read: ({ journal }) => journal.size,
  },
  {
    name: 'sse_tail_journal_trouble',
    help: '1 while the journal of the current log cannot be written.',
    type: 'gauge',
    read: ({ journal }) => (journal.trouble === undefined ? 0 : 1),
  },
];

/**
 * A counter of prom-client can only be added to, and these are known as totals: it is a gauge that says it is a
 * counter.
 */
function addMeasure(
  prometheus: typeof import('prom-client'),
  registry: Registry,
  { name, help, type, labels = [] }: Omit<Measure, 'read'> & { labels?: string[] },
  collect: (gauge: Gauge) => void,
): void {
  const gauge = new prometheus.Gauge({
    name,
    help,
    labelNames: labels,
    registers: [registry],
    collect() {
      collect(this as unknown as Gauge);
    },
  });
  if (type === 'counter') Object.assign(gauge, { type: 'counter' });
}
