import { readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { type FollowedJournal, openFollowedJournal } from '../../journal/disk/read/followed-journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { createDeferred, type Deferred } from '../../system/deferred.ts';
import { createPace } from '../../system/pace.ts';
import { SseTailError } from '../../words/errors.ts';
import { recordReach } from '../line-query.ts';
import { type SearchNews, search } from '../search.ts';
import { answerStamps } from '../survey/earlier-stamps.ts';
import { answerHistogram, answerOutline } from '../survey/requests.ts';
import { createSurvey, knownLinesOf, type Survey } from '../survey/survey.ts';
import { createKeptSurvey } from './kept-survey.ts';
import type { Answer, FromThread, ToThread } from './messages.ts';
import { createPrecedence } from './precedence.ts';

/*
 * The search thread: reads journals from disk like any other process that follows them, so that a search costs the
 * agent's own thread nothing but what is found.
 */

/** News on its way that was not taken yet: a slow client holds up its own search and no memory. */
const mostUntaken = 2;
const mostJournals = 8;
/** For each chunk the first look at a log waits so long for searches at most: a search of 1 GB takes as long. */
const mostWayMs = 500;

/** A niceness that is given half of what the others get, where there is not enough for all. */
const lessThanLines = 3;
const leastPriority = 19;

interface Running {
  /** As far as messages have been taken. */
  isCancelled: boolean;
  untaken: number;
  /** Waits until some news is taken. */
  room?: Deferred<void>;
}

const running = new Map<number, Running>();
/** The histogram before. */
let turn: Promise<unknown> = Promise.resolve();
/** Searches that are at work, and not waiting for their clients. */
const searches = createPrecedence(mostWayMs, takeMessages);
/** Of this thread's reads, whatever the log. */
const pace = createPace();
const opened = new BoundedMap<string, Promise<OpenLog>>(mostJournals);

/** A log that something was asked about: what is remembered of it stays for the next question. */
interface OpenLog {
  journal: FollowedJournal;
  survey: Survey;
}

type Question = Exclude<ToThread, { type: 'taken' | 'cancel' }>;

letLinesGoFirst();
parentPort?.on('message', take);

function take(message: ToThread): void {
  if (message.type === 'taken' || message.type === 'cancel') settle(message);
  else void run(message);
}

/**
 * Many searches take their blocks one after another before the event loop gets to a message, and each may take a tenth
 * of a second: whoever is about to look through one is told what has been said meanwhile.
 */
function takeMessages(): void {
  if (parentPort === null) return;
  for (let next = receiveMessageOnPort(parentPort); next !== undefined; next = receiveMessageOnPort(parentPort))
    take(next.message);
}

/**
 * Where there are fewer cores than work, lines that arrive go before searches. Linux has a priority for each thread;
 * elsewhere it would be that of the whole process.
 */
function letLinesGoFirst(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(
      Number(basename(readlinkSync('/proc/thread-self'))),
      Math.min(leastPriority, getPriority() + lessThanLines),
    );
  } catch {
    // No /proc, or not allowed: the kernel shares as it sees fit.
  }
}

function settle({ type, id }: Exclude<ToThread, Question>): void {
  const one = running.get(id);
  if (one === undefined) return;
  if (type === 'cancel') one.isCancelled = true;
  else one.untaken--;
  one.room?.resolve();
}

async function run(question: Question): Promise<void> {
  const { id, dir } = question;
  const one: Running = { isCancelled: false, untaken: 0 };
  const goesBefore = question.type === 'search' || question.type === 'stamps';
  running.set(id, one);
  if (goesBefore) searches.begin();
  try {
    post({ type: 'end', id, end: await answer(question, await openLog(dir, lastLookedAt(question)), one) });
  } catch (error) {
    post({ type: 'failed', id, error: plain(error) });
  } finally {
    if (goesBefore) searches.end();
    running.delete(id);
  }
}

/** Lines after the last one have a say where records matter. */
function lastLookedAt({ type, request }: Question): number {
  return type === 'search' ? request.to + recordReach(request.query) : request.to;
}

function answer(question: Question, { journal, survey }: OpenLog, one: Running): Promise<Answer> {
  if (question.type === 'outline') return answerOutline(survey, journal, question.request);
  const isWanted = () => {
    takeMessages();
    return !one.isCancelled;
  };
  if (question.type === 'histogram') {
    return inTurn(() => answerHistogram(survey, journal, question.request, isWanted));
  }
  if (question.type === 'stamps') return answerStamps(survey, question.request, isWanted);
  const control = {
    send: (news: SearchNews) => pass(question.id, one, news),
    get isCancelled() {
      return !isWanted();
    },
  };
  return search(journal, question.request, control, knownLinesOf(survey));
}

/** One at a time: each holds the ids of all that it finds, and the thread's memory is bounded. */
function inTurn<Result>(begin: () => Promise<Result>): Promise<Result> {
  const result = turn.then(begin);
  turn = result.catch(() => undefined);
  return result;
}

async function pass(id: number, one: Running, news: SearchNews): Promise<void> {
  one.untaken++;
  if (news.type === 'lines') {
    // In memory of its own, as what is transferred is gone here.
    const bytes = new Uint8Array(news.bytes);
    post({ type: 'news', id, news: { ...news, bytes: bytes as Buffer } }, [bytes.buffer]);
  } else post({ type: 'news', id, news });
  while (one.untaken >= mostUntaken && !one.isCancelled) {
    one.room = createDeferred();
    searches.end();
    await one.room.promise;
    searches.begin();
  }
}

/** The log in a directory, with everything up to line `to`. */
async function openLog(dir: string, to: number): Promise<OpenLog> {
  const opening = opened.get(dir) ?? open(dir);
  opened.set(dir, opening);
  opening.catch(() => opened.delete(dir));
  const log = await opening;
  if (log.journal.lastId < to) await log.journal.refresh();
  return log;
}

async function open(dir: string): Promise<OpenLog> {
  const journal = await openFollowedJournal(dir, undefined, pace);
  return { journal, survey: createSurvey(journal, { giveWay: searches.giveWay, kept: createKeptSurvey(dir) }) };
}

function plain(error: unknown): Extract<FromThread, { type: 'failed' }>['error'] {
  if (error instanceof SseTailError) return { kind: error.kind, message: error.message, facts: { ...error.facts } };
  return {
    kind: 'journal',
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    facts: {},
  };
}

function post(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
