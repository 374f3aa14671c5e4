import type { StartAt } from '../../sources/file/file.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { createOutput } from '../output.ts';
import { mistakes } from '../sentences.ts';
import { chooseNewestLog } from './choose.ts';
import { type KeptLogsOptions, withStore } from './kept.ts';
import { printLog } from './print.ts';

export interface CatOptions extends KeptLogsOptions {
  start?: StartAt;
  strip?: boolean;
  follow?: boolean;
}

/**
 * `sse-tail cat <log>`. Resolves with the exit code.
 *
 * @throws SseTailError kind `journal` where there is no such log, or it can't be read
 */
export async function catLog(word: string, options: CatOptions): Promise<number> {
  const { start = 'all', strip = false, follow = false, report } = options;
  return withStore(options, async (store) => {
    const { id } = chooseNewestLog(await store.list(), word);
    const log = await store.get(id);
    if (log === undefined) throw mistakes.justRemoved(id);
    const out = createOutput(report);
    await printLog(log, { start, strip, follow }, out.tee);
    // A line may leave its color on; the terminal is left as it was found.
    if (terminalOutput(1) && !strip) await out.tee.write(Buffer.from('\x1b[0m'));
    return out.exitCode();
  });
}
