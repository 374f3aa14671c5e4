import { createTextWriter } from '../../frame/plain-text.ts';
import type { Log } from '../../journal/store.ts';
import { type ReadOptions, readLines } from './read-lines.ts';

export interface PrintOptions extends ReadOptions {
  /** Without escape sequences. */
  strip: boolean;
}

/** Where the text goes: resolves when it was taken. */
export interface Printer {
  write(bytes: Buffer): Promise<void> | undefined;
  /** True once nobody reads any more. */
  readonly isBroken: boolean;
}

/**
 * Prints a log as text, at the printer's pace: memory holds one block of it.
 *
 * @throws SseTailError kind `journal` when the log can't be read
 */
export async function printLog(log: Log, { strip, ...options }: PrintOptions, printer: Printer): Promise<void> {
  const writer = createTextWriter({ strip });
  const reading = readLines(log, options, {
    lines: (events) => printer.write(writer.block(events)),
    gap: (gap) => printer.write(writer.gap(gap)),
    get isBroken() {
      return printer.isBroken;
    },
  });
  try {
    while (await reading.read()) await reading.news();
    await printer.write(writer.end());
  } finally {
    reading.close();
  }
}
