import { isatty } from 'node:tty';
import type { Outcome } from '../sources/source.ts';
import { version } from '../system/package.ts';
import { defined } from '../words/defined.ts';
import { errorCode, SseTailError } from '../words/errors.ts';
import { checkHealth } from './healthcheck.ts';
import { completionScript } from './help/completions.ts';
import { helpText } from './help/help.ts';
import { leave } from './leave.ts';
import { catLog } from './logs/cat.ts';
import { exportKeptLog } from './logs/export.ts';
import { grepLogs } from './logs/grep.ts';
import { listLogs } from './logs/list.ts';
import { catQuery } from './logs/query.ts';
import { removeLogs } from './logs/rm.ts';
import { misspeltVariables } from './options/environment.ts';
import type { OptionValues } from './options/options.ts';
import { parseCommandLine } from './options/parse.ts';
import { print } from './output.ts';
import { report } from './report.ts';
import { notices } from './sentences.ts';
import { serve } from './serve.ts';
import { stream } from './stream.ts';

/** The program: does what the command line asks for, and ends this process. */
export async function run(args: string[]): Promise<never> {
  return leave(await perform(args));
}

/** Resolves with an exit code, or with how the source ended. */
async function perform(args: string[]): Promise<number | Outcome> {
  try {
    const invocation = parseCommandLine(args, process.env, isatty(0));
    for (const sentence of misspeltVariables(process.env)) report(sentence);
    switch (invocation.action) {
      case 'help':
        return await print(helpText(invocation.task), report);
      case 'version':
        return await print(`sse-tail ${version}\n`, report);
      case 'stream':
        return await stream(invocation.input, invocation.values);
      case 'serve':
        return await serve(invocation.values);
      case 'logs':
        return await listLogs({ ...invocation.values, report });
      case 'cat':
        return await catLog(invocation.log, catOptions(invocation.values));
      case 'export':
        return await exportKeptLog(invocation.log, { ...invocation.values, report });
      case 'completions':
        return await print(completionScript(invocation.shell), report);
      case 'grep':
        return await grepLogs(invocation.pattern, invocation.logs, { ...invocation.values, report });
      case 'healthcheck':
        return await checkHealth(invocation.values, report);
      case 'rm':
        return await removeLogs(invocation.logs, { ...invocation.values, report });
    }
  } catch (error) {
    if (error instanceof SseTailError) {
      report(error.message);
      return exitCodeFor(error);
    }
    // What the system refuses, where nobody thought of it, is no bug whose stack trace would help.
    if (errorCode(error) === undefined) throw error;
    report(notices.unforeseen(error));
    return 1;
  }
}

function catOptions(values: OptionValues) {
  const { dir, store, natsCreds, lines, strip, follow } = values;
  return { ...defined({ dir, store, natsCreds, start: lines, strip, follow, query: catQuery(values) }), report };
}

function exitCodeFor({ kind, facts }: SseTailError): number {
  if (kind === 'usage') return 2;
  return typeof facts.exitCode === 'number' ? facts.exitCode : 1;
}
