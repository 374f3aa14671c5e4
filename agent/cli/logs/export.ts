import { type ExportOptions, exportLog } from '../../export/export-log.ts';
import { readExportPage } from '../../export/export-page.ts';
import type { ExportPart } from '../../export/part.ts';
import { answerStamps } from '../../finding/survey/earlier-stamps.ts';
import { answerOutline } from '../../finding/survey/requests.ts';
import { surveyOf } from '../../finding/thread/log-survey.ts';
import type { Log } from '../../journal/store.ts';
import { viewerDir } from '../../system/package.ts';
import { terminalOutput } from '../../system/terminal.ts';
import { defined } from '../../words/defined.ts';
import { isFinished } from '../../words/log.ts';
import { createOutput } from '../output.ts';
import { mistakes } from '../sentences.ts';
import { chooseNewestLog } from './choose.ts';
import { type KeptLogsOptions, typedDir, withStore } from './kept.ts';
import { writeWhole } from './write-whole.ts';

export interface ExportLogOptions extends KeptLogsOptions {
  /** A path; `-`, or none: standard output. */
  output?: string;
  /** Only these lines. */
  part?: ExportPart;
}

const noLimitMs = 2 ** 31 - 1;

/**
 * `sse-tail export <log>`. Resolves with the exit code.
 *
 * @throws SseTailError kind `usage` where it would go to a terminal; `journal` where there is no such log, or it can't
 * be read or written
 */
export async function exportKeptLog(word: string, options: ExportLogOptions): Promise<number> {
  const { output = '-', report } = options;
  if (options.output === undefined && terminalOutput(1) !== undefined) throw mistakes.exportToTerminal();
  return withStore(options, async (store) => {
    const { id } = chooseNewestLog(await store.list(), word, typedDir(options));
    const log = await store.get(id);
    if (log === undefined) throw mistakes.justRemoved(id);
    const pieces = exportLog(log, { ...exportOptions(log), ...defined({ part: options.part }) });
    if (output === '-') return printAll(pieces, report);
    await writeWhole(output, pieces);
    return 0;
  });
}

function exportOptions(log: Log): ExportOptions {
  const { journal } = log;
  const survey = surveyOf(journal);
  return {
    page: readExportPage(viewerDir),
    now: Date.now(),
    stamps: (lines) => answerStamps(survey, lines),
    outline(to, range) {
      const request = { to, waitMs: noLimitMs, isFinished: isFinished(log.status) };
      return answerOutline(survey, journal, { ...request, ...defined({ range }) });
    },
  };
}

async function printAll(pieces: AsyncIterable<string>, report: (sentence: string) => void): Promise<number> {
  const out = createOutput(report);
  for await (const piece of pieces) {
    await out.tee.write(Buffer.from(piece));
    if (out.tee.isBroken) break;
  }
  return out.exitCode();
}
