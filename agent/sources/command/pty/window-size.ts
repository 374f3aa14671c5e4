import type { WriteStream } from 'node:tty';
import { terminalOutput } from '../../../system/terminal.ts';
import type { WindowSize } from '../../source.ts';

/** A page has more room than the 80 by 24 that terminals begin with. */
const standardSize: WindowSize = { columns: 120, rows: 40 };

/** How large this terminal is; where there is none what `COLUMNS` and `LINES` say, or 120 by 40. */
export function windowSize(env: NodeJS.ProcessEnv = process.env): WindowSize {
  const terminal = terminalOf();
  return {
    columns: terminal?.columns || count(env.COLUMNS) || standardSize.columns,
    rows: terminal?.rows || count(env.LINES) || standardSize.rows,
  };
}

/** Calls the listener whenever this terminal changes its size (SIGWINCH). Returns what stops that. */
export function onWindowResize(listener: () => void): () => void {
  const terminal = terminalOf();
  terminal?.on('resize', listener);
  return () => terminal?.off('resize', listener);
}

function terminalOf(): WriteStream | undefined {
  return terminalOutput(1) ?? terminalOutput(2);
}

function count(text: string | undefined): number {
  const number = Number(text);
  return Number.isInteger(number) && number > 0 && number <= 0xffff ? number : 0;
}
