import { nowUs, numberDigits, timeDigits, timeOffset } from '../lines.ts';
import { percentile } from '../statistics.ts';

/** What one connection (or one client over several connections) has received. */
export interface Tally {
  /** Number of the last line; the next one should be one more. */
  lastNumber: number;
  /** SSE id of the last event that had one. */
  lastId: number;
  /** The id at which counting was stopped, as text: not every server's ids are numbers. */
  cutAtId?: string;
  lines: number;
  lost: number;
  doubled: number;
  /** Ids that did not follow on the one before. */
  wrongIds: number;
  bytes: number;
}

export function emptyTally(): Tally {
  return { lastNumber: 0, lastId: 0, lines: 0, lost: 0, doubled: 0, wrongIds: 0, bytes: 0 };
}

const zero = 0x30;

/** The decimal number at `bytes[at, at + digits)`, or -1. */
function decimalAt(bytes: Buffer, at: number, digits: number): number {
  let value = 0;
  for (let i = at; i < at + digits; i++) {
    const digit = (bytes[i] as number) - zero;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** Counts the line that begins at `bytes[at]`. What is no line of the benchmark (a notice) is passed over. */
export function countLine(tally: Tally, bytes: Buffer, at: number): void {
  const number = decimalAt(bytes, at, numberDigits);
  if (number < 0) return;
  tally.lines++;
  if (number === tally.lastNumber + 1) {
    tally.lastNumber = number;
  } else if (number > tally.lastNumber) {
    tally.lost += number - tally.lastNumber - 1;
    tally.lastNumber = number;
  } else {
    tally.doubled++;
  }
}

export function countId(tally: Tally, id: number): void {
  if (id !== tally.lastId + 1) tally.wrongIds++;
  tally.lastId = id;
}

/** Latencies in milliseconds of the lines from number `from` on, at most `most` of them. */
export class Latencies {
  readonly #from: number;
  readonly #values: Float64Array;
  #length = 0;
  #arrivedUs = 0;

  constructor(from: number, most: number) {
    this.#from = from;
    this.#values = new Float64Array(most);
  }

  /** What is counted from now on has arrived at this moment. */
  arrived(): void {
    this.#arrivedUs = nowUs();
  }

  /** Counts the line that begins at `bytes[at]`. */
  count(bytes: Buffer, at: number): void {
    if (decimalAt(bytes, at, numberDigits) < this.#from) return;
    const writtenUs = decimalAt(bytes, at + timeOffset, timeDigits);
    if (writtenUs > 0 && this.#length < this.#values.length) {
      this.#values[this.#length++] = (this.#arrivedUs - writtenUs) / 1000;
    }
  }

  percentiles(): { p50: number; p99: number } {
    const ascending = this.#values.slice(0, this.#length).sort();
    return { p50: percentile(ascending, 0.5), p99: percentile(ascending, 0.99) };
  }
}
