#!/usr/bin/env node
import './system/engine.ts';
import { helpText } from './cli/help.ts';
import { catLog, listLogs, removeLogs } from './cli/logs/subcommands.ts';
import { misspeltVariables, type OptionValues, parseCommandLine } from './cli/options.ts';
import { report } from './cli/report.ts';
import { serve } from './cli/serve.ts';
import { stream } from './cli/stream.ts';
import { version } from './system/package.ts';
import { defined } from './words/defined.ts';
import { SseTailError } from './words/errors.ts';

// Whoever read our words may leave before we do; that is no reason to end.
process.stderr.on('error', () => {});
process.exit(await main());

async function main(): Promise<number> {
  try {
    const invocation = parseCommandLine(process.argv.slice(2), process.env, process.stdin.isTTY === true);
    for (const sentence of misspeltVariables(process.env)) report(sentence);
    switch (invocation.action) {
      case 'help':
        process.stdout.write(helpText(invocation.task));
        return 0;
      case 'version':
        process.stdout.write(`sse-tail ${version}\n`);
        return 0;
      case 'stream':
        return await stream(invocation.input, invocation.values);
      case 'serve':
        return await serve(invocation.values);
      case 'logs':
        return await listLogs({ ...invocation.values, report });
      case 'cat':
        return await catLog(invocation.log, catOptions(invocation.values));
      case 'rm':
        return await removeLogs(invocation.logs, { ...invocation.values, report });
    }
  } catch (error) {
    if (!(error instanceof SseTailError)) throw error;
    report(error.message);
    return exitCodeFor(error);
  }
}

function catOptions({ dir, lines, strip, follow }: OptionValues) {
  return { ...defined({ dir, start: lines, strip, follow }), report };
}

function exitCodeFor({ kind, facts }: SseTailError): number {
  if (kind === 'usage') return 2;
  return typeof facts.exitCode === 'number' ? facts.exitCode : 1;
}
