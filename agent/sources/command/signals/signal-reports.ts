/** What a shell reports of the signals that it got, held against those that came to this process. */
export interface SignalReports {
  /** The shell has got a signal of this number. */
  reported(number: number): void;
  /** A signal of this number has come to this process. */
  expect(number: number): ExpectedReport;
}

/** Of a signal that came to this process. */
export interface ExpectedReport {
  /** The shell got the signal as well. */
  readonly isThere: boolean;
  /** Nobody asks for it any more: a report that comes now is about a later signal. */
  close(): void;
}

/** A report is about a signal that comes within this time, and not about one of later. */
const memoryMs = 200;
/**
 * A report counts for all signals that come within this time: two that come while the shell has no processor are one
 * to it (signal(7): they do not queue), but may be two to this process.
 */
const togetherMs = 20;

/** @param now milliseconds of a clock that never goes back */
export function createSignalReports(now: () => number = () => performance.now()): SignalReports {
  const waiting = new Set<{ number: number; isThere: boolean }>();
  /** And until when each counts. */
  let reports: { number: number; untilMs: number; isTaken: boolean }[] = [];

  function wasReported(number: number): boolean {
    reports = reports.filter(({ untilMs }) => now() < untilMs);
    const about = reports.filter((report) => report.number === number);
    const report = about.find(({ isTaken }) => !isTaken) ?? about[0];
    if (report !== undefined && !report.isTaken) {
      report.isTaken = true;
      report.untilMs = now() + togetherMs;
    }
    return report !== undefined;
  }

  return {
    reported(number) {
      const awaited = [...waiting].filter((one) => one.number === number && !one.isThere);
      for (const one of awaited) one.isThere = true;
      const isTaken = awaited.length > 0;
      reports.push({ number, untilMs: now() + (isTaken ? togetherMs : memoryMs), isTaken });
    },
    expect(number) {
      const one = { number, isThere: wasReported(number) };
      waiting.add(one);
      return {
        get isThere() {
          return one.isThere;
        },
        close: () => void waiting.delete(one),
      };
    },
  };
}
