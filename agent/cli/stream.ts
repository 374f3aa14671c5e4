import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, createAgent } from '../agent.ts';
import type { Journal } from '../journal/journal.ts';
import { parseStoreAddress } from '../journal/nats/cluster/store-address.ts';
import type { Outcome } from '../sources/source.ts';
import { terminalOutput } from '../system/terminal.ts';
import { canBeSecret } from '../text/redact/secrets.ts';
import { SseTailError } from '../words/errors.ts';
import { openBrowser } from './browser.ts';
import type { Input } from './options/input.ts';
import type { OptionValues } from './options/options.ts';
import { report } from './report.ts';
import { notices } from './sentences.ts';
import { agentInput, agentOptions, placeOf, servingOptions } from './settings.ts';
import { type Signals, takeSignals } from './signals.ts';

/** Viewers get this long to fetch the rest where nobody sits at a terminal (CI). */
const drainMs = 5000;
/** The store gets this long to acknowledge the rest, unless `--linger` says otherwise. */
const deliveryMs = 30_000;
/** Whoever sits there is told what sse-tail waits for after this long. */
const unexplainedMs = 1000;
/** … and this long after a signal. */
const hurriedDrainMs = 500;
/** A journal that can't be written has this long to recover once a signal has ended sse-tail or its command. */
const patienceMs = 2000;
/** A page that is loaded anew, or whose connection broke, is back within this time. */
const reloadMs = 3000;
/** Node fires a timer at once that is longer than this (25 days). */
const longestTimerMs = 2 ** 31 - 1;

export async function stream(input: Input, values: OptionValues): Promise<Outcome> {
  const source = agentInput(input, values);
  const signals = takeSignals(source);
  for (const name of values.redact ?? []) {
    const value = process.env[name];
    if (!canBeSecret(value)) report(notices.nothingToRedact(name, value !== undefined));
  }
  const agent = await createAgent({
    ...agentOptions(values),
    ...(await servingOptions(values)),
    input: source,
    report,
  });
  return await Promise.race([untilEnd(agent, signals, input, values), endOfPatience(agent, signals, input)]);
}

async function untilEnd(agent: Agent, signals: Signals, input: Input, values: OptionValues): Promise<Outcome> {
  try {
    report(values.noServe ? notices.publishing(agent.log.info.id, shownStore(values)) : placeOf(agent, values));
    if (input.kind === 'command' && process.pid === 1) report(notices.needsInit);
    if (values.open) await openBrowser(agent, values);
    if (signals.isEnding()) return { code: null, signal: await signals.stop };
    const started = agent.start();
    if (input.kind === 'command') signals.passTo(agent, started);
    const failed = started.then(
      () => undefined,
      (failure) => endOfFailed(failure, agent, signals, values),
    );
    // A large file that is read for the first time takes its time.
    const outcome = await Promise.race([failed, signals.stop.then(() => undefined)]);
    if (outcome !== undefined) return outcome;
    const stopped = signals.stop.then((signal): Outcome => ({ code: null, signal }));
    // A command or standard input comes to its end whoever watches; following files has no other.
    const never = new Promise<never>(() => {});
    const deserted = input.kind === 'files' && values.once ? agent.deserted(reloadMs).then(() => undefined) : never;
    const end = await Promise.race([agent.ended, stopped, deserted]);
    if (end && !signals.isEnding()) await Promise.race([linger(agent, signals, values), signals.stop]);
    const leaveMs = signals.isEnding() ? hurriedDrainMs : drainMs;
    await Promise.all([agent.acknowledged(signals.isEnding() ? hurriedDrainMs : 0), agent.drained(leaveMs)]);
    // A followed file's are delivered at the next start.
    if (end) reportUndelivered(agent, values);
    await agent.close();
    // Once the agent is closed a command has ended, or was left alone.
    const last = input.kind === 'command' ? await Promise.race([agent.ended, stopped]) : end;
    return exitOf(last, input, agent.hasLostOutput);
  } finally {
    await agent.close();
  }
}

/** Why a command was not run is a line as well, which the store is to get; who sits here need not wait for that. */
async function endOfFailed(failure: unknown, agent: Agent, signals: Signals, values: OptionValues): Promise<Outcome> {
  const code = failure instanceof SseTailError ? failure.facts.exitCode : undefined;
  if (typeof code !== 'number') throw failure;
  report((failure as SseTailError).message);
  await Promise.race([awaitDelivery(deliveryOf(agent, values), signals, values), signals.stop]);
  reportUndelivered(agent, values);
  return { code, signal: null };
}

function shownStore({ store = '' }: OptionValues): string {
  return parseStoreAddress(store).shown;
}

const success: Outcome = { code: 0, signal: null };

/**
 * Files are followed until a signal comes, so that is no failure, or read to their end, which some may not have;
 * standard input is passed on as `tee` passes it.
 */
function exitOf(end: Outcome | undefined, input: Input, hasLostOutput: boolean): Outcome {
  if (!end || (input.kind === 'files' && end.signal !== null)) return success;
  return end.code === 0 && hasLostOutput ? { code: 1, signal: null } : end;
}

/**
 * A journal that can't be written is waited for, but not once a signal has ended sse-tail or its command.
 *
 * @throws SseTailError kind `journal`
 */
async function endOfPatience(agent: Agent, { ending }: Signals, input: Input): Promise<never> {
  await ending;
  await troubleFor(agent.log.journal, patienceMs);
  const fate = input.kind === 'files' ? 'will be read at the next start' : 'are lost';
  throw new SseTailError('journal', `sse-tail stopped waiting for the journal. Lines that are not in it ${fate}.`);
}

/** Resolves once a journal could not be written for `ms` milliseconds, from now on, without a write in between. */
export function troubleFor(journal: Pick<Journal, 'subscribe'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    journal.subscribe({
      onTrouble(trouble) {
        if (trouble !== undefined) timer ??= setTimeout(resolve, ms);
        else {
          clearTimeout(timer);
          timer = undefined;
        }
      },
    });
  });
}

/**
 * Serves the page on after the end of the source: for as long as asked for, else while somebody sits at the terminal.
 * With `--once` until it was opened and is closed again, if that comes first.
 */
async function linger(agent: Agent, signals: Signals, values: OptionValues): Promise<void> {
  const delivered = deliveryOf(agent, values);
  if (!values.noServe) await lingerForViewers(agent, values);
  await awaitDelivery(delivered, signals, values);
}

function deliveryOf(agent: Agent, { linger }: OptionValues): Promise<boolean> {
  return linger === undefined ? agent.acknowledged(deliveryMs) : agent.delivered(Math.min(linger, longestTimerMs));
}

async function awaitDelivery(delivered: Promise<boolean>, signals: Signals, values: OptionValues): Promise<void> {
  const isLate = await Promise.race([delivered.then(() => false), sleep(unexplainedMs, true, { ref: false })]);
  const awaited = values.linger === undefined ? 'acknowledged' : 'synced';
  if (isLate && !signals.isEnding()) report(notices.awaitingStore(awaited, values.linger ?? deliveryMs));
  await delivered;
}

/** An ack is all that a job waits for that has not said how long it can stay. */
function reportUndelivered({ unacknowledged, undelivered }: Agent, { linger, noKeep }: OptionValues): void {
  if (unacknowledged > 0) report(notices.unacknowledged(unacknowledged, noKeep));
  else if (linger !== undefined && undelivered > 0) report(notices.undelivered(undelivered));
}

async function lingerForViewers(agent: Agent, values: OptionValues): Promise<void> {
  const { linger: lingerMs, once } = values;
  const isAttended = terminalOutput(2) !== undefined && !process.env.CI;
  const ms = lingerMs ?? (isAttended || once ? Number.POSITIVE_INFINITY : 0);
  if (ms === Number.POSITIVE_INFINITY) {
    report(
      `The page stays at ${placeOf(agent, values)} until ${once ? 'it has been opened and closed again' : 'Ctrl-C'}.`,
    );
  }
  await Promise.race([sleep(Math.min(ms, longestTimerMs)), ...(once ? [agent.deserted(reloadMs)] : [])]);
}
