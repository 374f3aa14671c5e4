/** What a shell has said of the signals that it got, held against those that came to this process. */
export interface Hearsay {
  /** The shell has said that it got a signal of this number. */
  heard(number: number): void;
  /** A signal of this number has come to this process. */
  came(number: number): Came;
}

export interface Came {
  /** The shell got it as well. */
  readonly isSeen: boolean;
  /** Nobody asks any more, and the shell vouches for it no longer. */
  close(): void;
}

/** What was heard is about a signal that comes within this time, and not about one of later. */
const memoryMs = 200;
/**
 * What was heard counts for all that come within this time: two signals that come while the shell has no processor are
 * one to it (signal(7): they do not queue), but may be two to this process.
 */
const togetherMs = 20;

/** @param now milliseconds of a clock that never goes back */
export function createHearsay(now: () => number = () => performance.now()): Hearsay {
  const waiting = new Set<{ number: number; isSeen: boolean }>();
  /** What was said, and until when a signal that comes is seen by it. */
  let said: { number: number; untilMs: number; isTaken: boolean }[] = [];

  function wasSaid(number: number): boolean {
    said = said.filter(({ untilMs }) => now() < untilMs);
    const about = said.filter((one) => one.number === number);
    const one = about.find(({ isTaken }) => !isTaken) ?? about[0];
    if (one !== undefined && !one.isTaken) {
      one.isTaken = true;
      one.untilMs = now() + togetherMs;
    }
    return one !== undefined;
  }

  return {
    heard(number) {
      const vouchedFor = [...waiting].filter((one) => one.number === number && !one.isSeen);
      for (const one of vouchedFor) one.isSeen = true;
      const isTaken = vouchedFor.length > 0;
      said.push({ number, untilMs: now() + (isTaken ? togetherMs : memoryMs), isTaken });
    },
    came(number) {
      const one = { number, isSeen: wasSaid(number) };
      waiting.add(one);
      return {
        get isSeen() {
          return one.isSeen;
        },
        close: () => void waiting.delete(one),
      };
    },
  };
}
