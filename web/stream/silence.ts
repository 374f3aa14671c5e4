/** Watches a stream for silence that lasts too long. */
export interface Silence {
  /** A stream was opened. With `isHeldBack` false nothing can hold it back: then silence only means that it is dead. */
  begin(mayBeHeld: boolean): void;
  /** The agent can have heard of it: its answer is awaited from now on. */
  asked(): void;
  /** Something came. */
  heard(): void;
  /** It was a ping. */
  heardPing(): void;
  /** Looks at once: the page may have slept. */
  check(): void;
  end(): void;
}

export interface SilenceOptions {
  /** Whether there is something that the agent must have sent already. */
  isOwed(): boolean;
  /** Asks whether the agent is there; resolves to false where it doesn't say so. */
  lookInto(): Promise<boolean>;
  /** The agent is there, and the stream is as silent as before: it is dead, or its bytes are held back. */
  suspicious(): void;
  /** Nothing came for so long that the connection must be dead. */
  dead(silentMs: number): void;
}

const usualPingMs = 15_000;
const shortestPingMs = 250;
/** So many ping intervals without any event mean that the connection is dead. */
const patience = 2.5;
/** After so many it is asked whether the agent is there. */
const doubtAfter = 1.3;
/** Whatever the agent has to send comes within so many milliseconds, or does not come at all. */
const promptMs = 2000;
/** What opens a stream may have to be loaded, on a busy machine with many tabs. */
const longestOpeningMs = 10_000;
/** Further time to come for what is on the way: at least so much, or so often what another answer took. */
const graceMs = 1000;
const graceRounds = 3;

export function createSilence({ isOwed, lookInto, suspicious, dead }: SilenceOptions): Silence {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts streams, so that the answer about an old one is recognized as such. */
  let era = 0;
  let mayBeHeld = true;
  let owedWithinMs = promptMs;
  let heardAt = 0;
  /** What was heard before the silence that has been looked into. */
  let lookedIntoAt: number | undefined;
  let lastPingAt: number | undefined;
  let pingMs = usualPingMs;

  /** Timers of hidden pages come late and a sleeping machine has none, so the clock decides and not the timer. */
  function check(): void {
    clearTimeout(timer);
    const usualMs = Math.min(pingMs, usualPingMs * 4);
    const deadAt = heardAt + patience * usualMs;
    const doubtAt = heardAt + (isOwed() ? owedWithinMs : doubtAfter * usualMs);
    const isLookedInto = !mayBeHeld || lookedIntoAt === heardAt;
    const now = Date.now();
    if (now >= deadAt) dead(now - heardAt);
    else if (now >= doubtAt && !isLookedInto) void doubt();
    else timer = setTimeout(check, (isLookedInto ? deadAt : Math.min(doubtAt, deadAt)) - now);
  }

  async function doubt(): Promise<void> {
    const [asked, since, silentSince] = [era, Date.now(), heardAt];
    lookedIntoAt = heardAt;
    const isThere = await lookInto();
    if (asked !== era) return;
    const judge = () => {
      if (isThere && heardAt === silentSince) suspicious();
      else check();
    };
    timer = setTimeout(judge, Math.max(graceMs, graceRounds * (Date.now() - since)));
  }

  function end(): void {
    era++;
    clearTimeout(timer);
  }

  function wait(withinMs: number): void {
    end();
    owedWithinMs = withinMs;
    lookedIntoAt = undefined;
    lastPingAt = undefined;
    heardAt = Date.now();
    check();
  }

  return {
    begin(next) {
      mayBeHeld = next;
      wait(longestOpeningMs);
    },
    asked() {
      wait(promptMs);
    },
    heard() {
      heardAt = Date.now();
    },
    heardPing() {
      if (lastPingAt !== undefined) pingMs = Math.max(shortestPingMs, heardAt - lastPingAt);
      lastPingAt = heardAt;
    },
    check,
    end,
  };
}
