import { isatty } from 'node:tty';
import type { Outcome } from '../sources/source.ts';
import { version } from '../system/package.ts';
import { letNewSpaceGrow } from '../system/startup/engine.ts';
import { defined } from '../words/defined.ts';
import { errorCode, SseTailError } from '../words/errors.ts';
import { leave } from './leave.ts';
import { misspelledVariables } from './options/environment.ts';
import type { OptionValues } from './options/options.ts';
import { type Invocation, parseCommandLine } from './options/parse.ts';
import { print } from './output.ts';
import { report } from './report.ts';
import { notices } from './sentences.ts';

/** The program: does what the command line asks for, and ends this process. */
export async function run(args: string[]): Promise<never> {
  return leave(await perform(args));
}

/** Resolves with an exit code, or with how the source ended. */
async function perform(args: string[]): Promise<number | Outcome> {
  try {
    const invocation = parseCommandLine(args, process.env, isatty(0));
    for (const sentence of misspelledVariables(process.env)) report(sentence);
    return await carryOut(invocation);
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

/** What an action needs is loaded with it: most of the start is loading code. */
async function carryOut(invocation: Invocation): Promise<number | Outcome> {
  switch (invocation.action) {
    case 'help': {
      const { helpText } = await import('./help/help.ts');
      return print(helpText(invocation.task), report);
    }
    case 'version':
      return print(`sse-tail ${version}\n`, report);
    case 'stream': {
      const { stream } = await import('./stream.ts');
      return stream(invocation.input, invocation.values);
    }
    case 'serve': {
      const { serve } = await import('./serve.ts');
      return serve(invocation.values);
    }
    case 'logs': {
      const { listLogs } = await import('./logs/list.ts');
      return listLogs({ ...invocation.values, report });
    }
    case 'cat':
      letNewSpaceGrow();
      return cat(invocation.log, invocation.values);
    case 'export': {
      letNewSpaceGrow();
      const [{ exportKeptLog }, { exportPart }] = await Promise.all([
        import('./logs/export.ts'),
        import('./logs/query.ts'),
      ]);
      const { dir, store, natsCreds, output } = invocation.values;
      const part = exportPart(invocation.values);
      return exportKeptLog(invocation.log, { ...defined({ dir, store, natsCreds, output, part }), report });
    }
    case 'completions': {
      const { completionScript } = await import('./help/completions.ts');
      return print(completionScript(invocation.shell), report);
    }
    case 'grep': {
      letNewSpaceGrow();
      const { grepLogs } = await import('./logs/grep.ts');
      return grepLogs(invocation.pattern, invocation.logs, { ...invocation.values, report });
    }
    case 'healthcheck': {
      const { checkHealth } = await import('./healthcheck.ts');
      return checkHealth(invocation.values, report);
    }
    case 'rm': {
      const { removeLogs } = await import('./logs/rm.ts');
      return removeLogs(invocation.logs, { ...invocation.values, report });
    }
  }
}

async function cat(log: string, values: OptionValues): Promise<number> {
  const [{ catLog }, { catQuery, rangeOf }] = await Promise.all([import('./logs/cat.ts'), import('./logs/query.ts')]);
  const { dir, store, natsCreds, strip, follow } = values;
  const options = defined({ dir, store, natsCreds, range: rangeOf(values), strip, follow, query: catQuery(values) });
  return catLog(log, { ...options, report });
}

function exitCodeFor({ kind, facts }: SseTailError): number {
  if (kind === 'usage') return 2;
  return typeof facts.exitCode === 'number' ? facts.exitCode : 1;
}
