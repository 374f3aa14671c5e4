import type { LineQuery } from '../../finding/line-query.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { createOutput } from '../output.ts';
import { mistakes } from '../sentences.ts';
import { chooseNewestLog } from './choose.ts';
import { type KeptLogsOptions, typedDir, withStore } from './kept.ts';
import { printLog } from './print.ts';
import type { LineRange } from './read-lines.ts';

export interface CatOptions extends KeptLogsOptions {
  range?: LineRange;
  strip?: boolean;
  follow?: boolean;
  /** Only the lines that it finds. */
  query?: LineQuery;
}

/**
 * `sse-tail cat <log>`. Resolves with the exit code.
 *
 * @throws SseTailError kind `journal` where there is no such log, or it can't be read
 */
export async function catLog(word: string, options: CatOptions): Promise<number> {
  const { range = {}, strip = false, follow = false, query, report } = options;
  return withStore(options, async (store) => {
    const { id } = chooseNewestLog(await store.list(), word, typedDir(options));
    const log = await store.get(id);
    if (log === undefined) throw mistakes.justRemoved(id);
    const out = createOutput(report);
    await printLog(log, { range, strip, follow, query }, out.tee);
    // A line may leave its color on; the terminal is left as it was found.
    if (terminalOutput(1) && !strip) await out.tee.write(Buffer.from('\x1b[0m'));
    if (log.journal.unread !== undefined) throw mistakes.unread(id, log.journal.unread);
    return out.exitCode();
  });
}
