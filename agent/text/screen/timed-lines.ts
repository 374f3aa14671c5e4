import type { Splitter } from '../lines/splitter.ts';

/** Where text of a terminal becomes lines, together with the moment at which it was last written. */
export class TimedLines {
  readonly splitter: Splitter;
  private readonly now: () => number;
  private readonly tellAge: (ms: number) => void;

  /** @param tellAge gets, before lines are made, how many milliseconds ago they were last written */
  constructor(splitter: Splitter, now: () => number, tellAge: (ms: number) => void) {
    this.splitter = splitter;
    this.now = now;
    this.tellAge = tellAge;
  }

  write(bytes: Buffer, writtenAt: number): void {
    this.tellAge(Math.round(this.now() - writtenAt));
    this.splitter.write(bytes);
  }

  /** The text ends. */
  end(writtenAt: number): void {
    this.tellAge(Math.round(this.now() - writtenAt));
    this.splitter.end();
  }
}
