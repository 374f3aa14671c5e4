import { optionsFor } from '../options/options.ts';
import { envName, longName } from '../options/spelling.ts';
import { type SubcommandName, subcommands, type Task } from '../options/subcommands.ts';

const names = Object.keys(subcommands) as SubcommandName[];

/** The manual page sse-tail(1), for man(7)'s macros. */
export function manualPage(version: string): string {
  return `.\\" Made by \`npm run docs\` from agent/cli/options.
.TH SSE-TAIL 1 "" "sse-tail ${version}" "User Commands"
.SH NAME
sse\\-tail \\- see a terminal in a browser, live and with nothing lost
.SH SYNOPSIS
.B sse\\-tail
[\\fIoptions\\fR] \\fIfile\\fR|\\fIglob\\fR ...
.br
.B sse\\-tail
[\\fIoptions\\fR] \\fB\\-\\-\\fR \\fIcommand\\fR ...
.br
\\fIcommand\\fR | \\fBsse\\-tail\\fR [\\fIoptions\\fR]
${names.map((name) => `.br\n\\fBsse\\-tail ${name}\\fR ${roff(subcommands[name].operands)}`).join('\n')}
.SH DESCRIPTION
Follows files, runs a command or reads standard input, and shows every line on a page, whose URL is printed on stderr.
.SH OPTIONS
${optionsOf('stream')}
${names.map(subcommandSection).join('\n')}
.SH ENVIRONMENT
Every option for which it makes sense can be set as a variable, such as \\fB${envName('port')}\\fR or \\fB${envName('noKeep')}\\fR.
.SH EXIT STATUS
The command's; 128 + n if signal n ended it; 127 or 126 if it could not be run; 2 for a mistake on the command line; 1 for any other error.
.SH FILES
.TP
.I $XDG_STATE_HOME/sse\\-tail
Where logs are kept.
`;
}

function subcommandSection(name: SubcommandName): string {
  return `.SH ${name.toUpperCase()}\n${roff(subcommands[name].help)}.\n${optionsOf(name)}`;
}

function optionsOf(task: Task): string {
  return optionsFor(task)
    .filter(([, { group }]) => task === 'stream' || group !== 'General')
    .map(([name, { short, value, help, standard }]) => {
      const letter = short === undefined ? '' : `\\fB\\-${short}\\fR, `;
      const argument = value === undefined ? '' : ` \\fI${roff(value)}\\fR`;
      const defaults = standard === undefined ? '' : ` Default: ${roff(standard)}.`;
      return `.TP\n${letter}\\fB${roff(longName(name))}\\fR${argument}\n${roff(help)}.${defaults}`;
    })
    .join('\n');
}

/** A hyphen that can be copied; a period or quote in front would begin a request. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&').replaceAll('…', '...');
}
