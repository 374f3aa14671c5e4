import { nowUs } from '../lines.ts';
import { type Connection, openConnection } from './connection.ts';
import type { Counters } from './scanners.ts';
import { emptyTally, Latencies } from './tally.ts';
import type { Target } from './target.ts';

/** What a client process has to do; given as JSON in its only argument. */
export interface ClientTask {
  /** `{n}` in its path is the connection's number. */
  target: Target;
  /** Connections; default 1. */
  connections?: number;
  /** That share of the connections reads at once and counts latencies, the others ten times a second. Default 1. */
  eagerShare?: number;
  /** Done when each connection has the line of this number. With `bytes` as protocol: this many bytes. */
  until: number;
  /** Latencies are counted from the line of this number on; default: not at all. */
  latenciesFrom?: number;
  /** Numbers of lines after which the connection is cut and resumed with Last-Event-ID. */
  cuts?: number[];
  /** A connection that ends is resumed, too: the server is restarted meanwhile. */
  resumes?: boolean;
  /** Done as well when nothing has come for this long: for servers that lose lines. */
  givesUpMs?: number;
  /** Reads the answer's head and then nothing more. */
  stalls?: boolean;
}

/** Moments in microseconds of the monotonic clock. */
export interface ClientReport {
  connectedUs: number;
  firstUs: number;
  doneUs: number;
  lines: number;
  lost: number;
  doubled: number;
  wrongIds: number;
  bytes: number;
  /** Connections that have not reached the last line. */
  unfinished: number;
  reconnections: number;
  p50: number;
  p99: number;
  /** Events other than lines, by name. */
  events: Record<string, number>;
}

export type ClientMessage = { type: 'ready' } | { type: 'done' } | { type: 'report'; report: ClientReport } | Failure;

interface Failure {
  type: 'failed';
  message: string;
}

const task = JSON.parse(process.argv[2] ?? '') as ClientTask;
const connections = task.connections ?? 1;
const eager = Math.max(1, Math.round(connections * (task.eagerShare ?? 1)));
const { latenciesFrom, until } = task;
const latencies =
  latenciesFrom === undefined ? undefined : new Latencies(latenciesFrom, eager * Math.min(until, 10_000_000 / eager));
const cuts = [...(task.cuts ?? [])];
const lazySockets: Connection[] = [];
const startedUs = nowUs();

const clients: Client[] = [];
let ready = 0;
let done = 0;
let reconnections = 0;
let firstUs = 0;
let doneUs = 0;
let lastReadUs = 0;

interface Client {
  target: Target;
  counters: Counters;
  isDone: boolean;
}

process.on('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message !== 'report') return;
  send({ type: 'report', report: report() });
});

for (let i = 0; i < connections; i++) open(i < eager);
if (lazySockets.length > 0) readLazyOnes();
if (task.givesUpMs !== undefined) giveUpAfter(task.givesUpMs * 1000);

function open(isEager: boolean): void {
  const counters: Counters = {
    tally: emptyTally(),
    latencies: isEager ? latencies : undefined,
    events: new Map(),
  };
  const target = { ...task.target, path: task.target.path.replace('{n}', String(clients.length)) };
  const client: Client = { target, counters, isDone: false };
  clients.push(client);
  connectClient(client, isEager, true);
}

function connectClient(client: Client, isEager: boolean, isFirst: boolean): void {
  const { target, counters } = client;
  const { tally } = counters;
  const lastEventId = tally.cutAtId ?? (tally.lastId === 0 ? undefined : String(tally.lastId));
  delete tally.cutAtId;
  const connection = openConnection(
    { target, lastEventId, counters, isLazy: !isEager },
    {
      onReady() {
        if (isFirst) countReady();
        if (task.stalls) connection.socket.pause();
      },
      onRead() {
        if (task.givesUpMs !== undefined) lastReadUs = nowUs();
        if (firstUs === 0 && (tally.lines > 0 || task.target.protocol === 'bytes')) firstUs = nowUs();
        if (tally.lastNumber >= connection.stopAt) {
          connection.close();
          return;
        }
        const reached = task.target.protocol === 'bytes' ? tally.bytes : tally.lastNumber;
        if (reached >= task.until) finish(client);
      },
      onClose(error) {
        if (client.isDone || task.stalls) return;
        const isCut = tally.lastNumber >= connection.stopAt;
        if (!isCut && !task.resumes) {
          const reason = error?.message ?? 'the server ended the connection';
          return send({ type: 'failed', message: `After ${tally.lastNumber} lines: ${reason}` });
        }
        reconnections++;
        setTimeout(() => connectClient(client, isEager, false), isCut ? 0 : 20);
      },
    },
  );
  connection.stopAt = cuts.shift() ?? Number.POSITIVE_INFINITY;
  if (!isEager) lazySockets.push(connection);
}

function countReady(): void {
  ready++;
  if (ready === connections) send({ type: 'ready' });
}

function finish(client: Client): void {
  if (client.isDone) return;
  client.isDone = true;
  done++;
  if (done < connections) return;
  doneUs = nowUs();
  send({ type: 'done' });
}

/** Each of them ten times a second, a tenth of them at a time. */
function readLazyOnes(): void {
  let turn = 0;
  setInterval(() => {
    turn = (turn + 1) % 10;
    for (let i = turn; i < lazySockets.length; i += 10) lazySockets[i]?.socket.resume();
  }, 10);
}

function giveUpAfter(quietUs: number): void {
  const timer = setInterval(() => {
    if (done === connections) return clearInterval(timer);
    if (firstUs === 0 || nowUs() - lastReadUs < quietUs) return;
    clearInterval(timer);
    doneUs = lastReadUs;
    send({ type: 'done' });
  }, 250);
}

function report(): ClientReport {
  const tallies = clients.map(({ counters }) => counters.tally);
  const total = (value: (tally: (typeof tallies)[number]) => number) =>
    tallies.reduce((sum, each) => sum + value(each), 0);
  const events: Record<string, number> = {};
  for (const { counters } of clients) {
    for (const [name, count] of counters.events) events[name] = (events[name] ?? 0) + count;
  }
  return {
    connectedUs: startedUs,
    firstUs,
    doneUs,
    lines: total((tally) => tally.lines),
    lost: total((tally) => tally.lost),
    doubled: total((tally) => tally.doubled),
    wrongIds: total((tally) => tally.wrongIds),
    bytes: total((tally) => tally.bytes),
    unfinished: connections - done,
    reconnections,
    ...(latencies?.percentiles() ?? { p50: Number.NaN, p99: Number.NaN }),
    events,
  };
}

function send(message: ClientMessage): void {
  if (process.connected) process.send?.(message);
}
