import { count } from '../table.ts';
import { largeLoad, largePlan, type Plan } from './plan.ts';
import { type Outcome, type Range, simulate } from './simulate.ts';

const plans: { title: string; plan: Plan }[] = [
  { title: 'any gateway', plan: largePlan },
  { title: 'by log', plan: { ...largePlan, balancing: 'log' } },
  { title: 'by log, bounded', plan: { ...largePlan, balancing: 'log, bounded' } },
  { title: 'any gateway, 8 leaf nodes', plan: { ...largePlan, leafNodes: 8 } },
  { title: 'by log, bounded, 8 leaf nodes', plan: { ...largePlan, balancing: 'log, bounded', leafNodes: 8 } },
];

/** Seconds of CPU of NATS 2.9.10 for a message of 300 bytes that it sends, as was measured with 20 subscribers. */
const sendSeconds = 0.54e-6;
/** A batch of two or three lines with its headers, and what the list has of a log. */
const batchBytes = 500;
const entryBytes = 700;

/** The table in docs/scale.md. */
export function simulationTable(): string {
  const outcomes = plans.map(({ plan }) => ({ plan, ...simulate(largeLoad, plan) }));
  const row = (what: string, cell: (outcome: Outcome & { plan: Plan }) => string) =>
    `| ${[what, ...outcomes.map(cell)].join(' | ')} |`;
  const listMessages = ({ listed, plan }: Outcome & { plan: Plan }) => listed.most * (plan.leafNodes || plan.gateways);
  return [
    row('', ({ plan }) => plans.find((one) => one.plan === plan)?.title ?? ''),
    row('---', () => '---'),
    row('viewers of the busiest gateway', ({ busiestViewers }) => both(busiestViewers)),
    row('batches/s to the busiest gateway', ({ busiestBatchesIn }) => both(busiestBatchesIn)),
    row('batches/s that the cluster sends', ({ sent }) => both(sent)),
    row('entries/s of the list that it sends', (outcome) => rounded(listMessages(outcome))),
    row('CPU of NATS for both, in cores', (outcome) =>
      ((outcome.sent.most + listMessages(outcome)) * sendSeconds).toFixed(2),
    ),
    row('MB/s that it sends', (outcome) =>
      rounded((outcome.sent.most * batchBytes + listMessages(outcome) * entryBytes) / 1e6),
    ),
    row('streams that are opened in a second', ({ opened }) => both(opened)),
  ].join('\n');
}

/** On average, and at most. */
function both({ mean, most }: Range): string {
  return `${rounded(mean)}, ${rounded(most)}`;
}

/** Two digits: more would say that a simulation knows. */
function rounded(value: number): string {
  const digits = Math.max(0, Math.floor(Math.log10(value)) - 1);
  return count(Math.round(value / 10 ** digits) * 10 ** digits);
}
