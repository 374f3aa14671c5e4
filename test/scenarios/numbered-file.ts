import { appendFileSync, writeFileSync } from 'node:fs';

/** A file of numbered lines that grows. */
export interface NumberedFile {
  readonly path: string;
  readonly lines: number;
  /** Appends lines until there are so many. */
  growTo(lines: number): void;
  textOf(id: number): string;
}

/** Lines of so many bytes. */
export function linesOf(bytes: number): (id: number) => string {
  const padding = 'x'.repeat(bytes);
  return (id) => `line ${id} ${padding}`.slice(0, bytes);
}

const linesAtOnce = 20_000;

/** @param textOf line n, without its line end */
export function createNumberedFile(path: string, textOf: (id: number) => string): NumberedFile {
  let lines = 0;
  writeFileSync(path, '');
  return {
    path,
    get lines() {
      return lines;
    },
    growTo(count) {
      while (lines < count) {
        let text = '';
        for (const end = Math.min(count, lines + linesAtOnce); lines < end; ) text += `${textOf(++lines)}\n`;
        appendFileSync(path, text);
      }
    },
    textOf,
  };
}
