import { Worker } from 'node:worker_threads';
import type { Journal } from '../../journal/journal.ts';
import { BoundedMap } from '../../system/bounded-map.ts';
import { createDeferred, type Deferred } from '../../system/deferred.ts';
import { SseTailError } from '../../words/errors.ts';
import type { Histogram, Outline } from '../../words/finding.ts';
import type { IdRange } from '../chunks/chunk.ts';
import type { EarlierStamps } from '../known-lines.ts';
import { isTimed } from '../line-query.ts';
import type { SearchControl, SearchEnd, SearchRequest } from '../search.ts';
import type { HistogramRequest, OutlineRequest } from '../survey/requests.ts';
import type { Survey } from '../survey/survey.ts';
import type { Answer, FromThread, ToThread } from './messages.ts';
import { threadFromSources } from './thread-from-sources.ts';

/** Searches journals in a thread of its own, started by the first search and ended when there was none for a while. */
export interface Finder {
  /**
   * Once `signal` is aborted it ends, also where it waits for others; `control` is asked where there is news.
   *
   * @throws SseTailError kind `usage` where a pattern is none, `journal` where the journal can't be read
   */
  search(journal: Journal, request: SearchRequest, control: SearchControl, signal?: AbortSignal): Promise<SearchEnd>;
  /** What a log consists of, as far as that is known after `waitMs`; asking again gets more. */
  outline(journal: Journal, request: OutlineRequest): Promise<Outline>;
  /**
   * Once `signal` is aborted it ends early, and holds less than was asked for.
   *
   * @throws SseTailError kind `usage` where a pattern is none, `journal` where the journal can't be read
   */
  histogram(journal: Journal, request: HistogramRequest, signal?: AbortSignal): Promise<Histogram>;
  /**
   * What whoever reads some lines has to know of those before them, so that it is known when they are from; undefined
   * as soon as `signal` is aborted.
   *
   * @throws SseTailError kind `journal` where the journal can't be read
   */
  stamps(journal: Journal, lines: IdRange, signal?: AbortSignal): Promise<EarlierStamps | undefined>;
  /** Questions under way, and how many there have been. */
  readonly running: number;
  readonly asked: number;
  close(): Promise<void>;
}

/** A thread that has nothing to do keeps what it remembers, which takes some megabytes. */
const idleMs = 10 * 60_000;
/** Beside the bytes of blocks: patterns, and what is remembered of logs. */
const mostHeapMb = 256;
/**
 * What looking at lines leaves is garbage at once: collecting it more often costs nothing, and V8's usual 48 MB for it
 * would stay with an idle thread.
 */
const mostYoungMb = 6;

interface Pending {
  control: SearchControl;
  result: Deferred<Answer>;
  /** News came after the search was cancelled: its end has to say so, whatever the thread knew of that. */
  isCutShort: boolean;
}

type Question = Exclude<ToThread, { type: 'taken' | 'cancel' }>;

/** Takes no news. */
const quiet: SearchControl = { send() {}, isCancelled: false };
/** Surveys of logs that only this thread can read. */
const mostOwnSurveys = 8;

export function createFinder(): Finder {
  const pending = new Map<number, Pending>();
  let thread: Worker | undefined;
  let nextId = 1;
  const own = createOwnFinder();
  let inline = 0;
  let asked = 0;
  let idle: NodeJS.Timeout | undefined;

  function start(): Worker {
    clearTimeout(idle);
    if (thread !== undefined) return thread;
    const started = startThread();
    started.on('message', (message: FromThread) => void take(message));
    started.on('error', (error) => fail(started, error));
    started.on('exit', () => fail(started, new Error('the search thread has ended')));
    started.unref();
    thread = started;
    return started;
  }

  /** Whatever it was doing did not work; the next search starts another one. */
  function fail(failed: Worker, error: unknown): void {
    if (thread !== failed) return;
    thread = undefined;
    const cause = error instanceof Error ? error.message : String(error);
    for (const { result } of pending.values()) {
      result.reject(new SseTailError('journal', `The search could not be completed: ${cause}.`, {}, error));
    }
    pending.clear();
  }

  async function take(message: FromThread): Promise<void> {
    const one = pending.get(message.id);
    if (one === undefined) return;
    if (message.type === 'news') {
      const { news } = message;
      if (news.type === 'lines') news.bytes = Buffer.from(news.bytes.buffer, news.bytes.byteOffset, news.bytes.length);
      try {
        if (one.control.isCancelled) one.isCutShort = true;
        else await one.control.send(news);
        post({ type: one.control.isCancelled ? 'cancel' : 'taken', id: message.id });
      } catch (error) {
        post({ type: 'cancel', id: message.id });
        one.result.reject(error);
      }
      return;
    }
    pending.delete(message.id);
    if (message.type === 'end') one.result.resolve(one.isCutShort ? cutShort(message.end) : message.end);
    else one.result.reject(new SseTailError(message.error.kind, message.error.message, message.error.facts));
    if (pending.size === 0) idle = setTimeout(() => void end(), idleMs).unref();
  }

  function post(message: ToThread): void {
    thread?.postMessage(message);
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    const ending = thread;
    thread = undefined;
    // Nothing has failed: a page that was closed may have asked just before.
    const refusal = () => new SseTailError('request', 'The agent is shutting down.', { status: 503 });
    for (const { result } of pending.values()) result.reject(refusal());
    pending.clear();
    await ending?.terminate();
  }

  function ask(question: Question, control: SearchControl = quiet): Promise<Answer> {
    const result = createDeferred<Answer>();
    asked++;
    pending.set(question.id, { control, result, isCutShort: false });
    start().postMessage(question);
    if (control.isCancelled) post({ type: 'cancel', id: question.id });
    return result.promise;
  }

  /** Cancelled once the signal is aborted. */
  function askUntil(question: Question, signal: AbortSignal | undefined, control?: SearchControl): Promise<Answer> {
    const { id } = question;
    const answer = ask(question, control);
    if (signal === undefined) return answer;
    const cancel = () => post({ type: 'cancel', id });
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal.removeEventListener('abort', cancel));
  }

  function here<Result>(answer: Promise<Result>): Promise<Result> {
    asked++;
    inline++;
    return answer.finally(() => inline--);
  }

  return {
    get running() {
      return pending.size + inline;
    },
    get asked() {
      return asked;
    },
    async search(journal, request, control, signal) {
      const { location: dir } = journal;
      if (dir === undefined) return here(own.search(journal, request, control, signal));
      return askUntil({ type: 'search', id: nextId++, dir, request }, signal, control) as Promise<SearchEnd>;
    },
    async outline(journal, request) {
      const { location: dir } = journal;
      if (dir !== undefined) return ask({ type: 'outline', id: nextId++, dir, request }) as Promise<Outline>;
      return here(own.outline(journal, request));
    },
    async histogram(journal, request, signal) {
      const { location: dir } = journal;
      if (dir === undefined) return here(own.histogram(journal, request, signal));
      return askUntil({ type: 'histogram', id: nextId++, dir, request }, signal) as Promise<Histogram>;
    },
    async stamps(journal, request, signal) {
      const { location: dir } = journal;
      const answer =
        dir === undefined
          ? here(own.stamps(journal, request, signal))
          : askUntil({ type: 'stamps', id: nextId++, dir, request }, signal);
      return unlessAborted(answer as Promise<EarlierStamps | undefined>, signal);
    },
    close: end,
  };
}

/** For journals that only this thread can read: what only the other one needs as a rule is loaded here then. */
function createOwnFinder(): Pick<Finder, 'search' | 'outline' | 'histogram' | 'stamps'> {
  const surveys = new BoundedMap<Journal, Survey>(mostOwnSurveys);

  async function surveyOf(journal: Journal): Promise<Survey> {
    const { createSurvey } = await import('../survey/survey.ts');
    const survey = surveys.get(journal) ?? createSurvey(journal);
    surveys.set(journal, survey);
    return survey;
  }

  return {
    async search(journal, request, asked, signal) {
      const { search } = await import('../search.ts');
      const control: SearchControl = {
        send: asked.send,
        get isCancelled() {
          return asked.isCancelled || signal?.aborted === true;
        },
      };
      if (!isTimed(request.query)) return search(journal, request, control);
      const { knownLinesOf } = await import('../survey/survey.ts');
      // It is up to all lines before when one is from that doesn't say so.
      return search(journal, request, control, knownLinesOf(await surveyOf(journal)));
    },
    async outline(journal, request) {
      const { answerOutline } = await import('../survey/requests.ts');
      return answerOutline(await surveyOf(journal), journal, request);
    },
    async histogram(journal, request, signal) {
      const { answerHistogram } = await import('../survey/requests.ts');
      return answerHistogram(await surveyOf(journal), journal, request, () => !signal?.aborted);
    },
    async stamps(journal, lines, signal) {
      const { answerStamps } = await import('../survey/earlier-stamps.ts');
      return answerStamps(await surveyOf(journal), lines, () => !signal?.aborted);
    },
  };
}

/** What was not passed on does not count as sent: the client resumes after what it got. */
function cutShort(end: Answer): Answer {
  return end !== undefined && 'safeId' in end ? { ...end, safeId: 0, isCancelled: true } : end;
}

/** Undefined as soon as it is aborted, whatever is at work then. */
function unlessAborted<Result>(answer: Promise<Result>, signal?: AbortSignal): Promise<Result | undefined> {
  if (signal === undefined) return answer;
  const aborted = createDeferred<undefined>();
  const abort = () => aborted.resolve(undefined);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return Promise.race([answer, aborted.promise]).finally(() => signal.removeEventListener('abort', abort));
}

function startThread(): Worker {
  const resourceLimits = { maxOldGenerationSizeMb: mostHeapMb, maxYoungGenerationSizeMb: mostYoungMb };
  const options = { name: 'search', resourceLimits };
  const isBuilt = import.meta.url.endsWith('.js');
  if (isBuilt) return new Worker(new URL('./search-thread.js', import.meta.url), options);
  return threadFromSources(options);
}
