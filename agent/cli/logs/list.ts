import { terminalOutput } from '../../system/terminal.ts';
import { defined } from '../../words/defined.ts';
import { print } from '../output.ts';
import { type KeptLogsOptions, nothingKept, withStore } from './kept.ts';
import { logTable } from './table.ts';

/** `sse-tail logs`. Resolves with the exit code. */
export async function listLogs(options: KeptLogsOptions & { json?: boolean }): Promise<number> {
  const { report, json = false } = options;
  const logs = await withStore(options, (store) => store.list());
  if (!json && logs.length === 0) {
    report(nothingKept(options));
    return 0;
  }
  return print(json ? `${JSON.stringify(logs, null, 2)}\n` : logTable(logs, tableOptions()), report);
}

function tableOptions() {
  const terminal = terminalOutput(1);
  const { NO_COLOR, TERM } = process.env;
  const color = terminal !== undefined && !NO_COLOR && TERM !== 'dumb';
  return { ...defined({ columns: terminal?.columns }), color, now: Date.now() };
}
