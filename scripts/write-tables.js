// Writes the tables of docs/options.md and the manual page from the table of options that the program uses. Run by
// `npm run docs`.
import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable, subcommandsTable } from '../agent/cli/help/help.ts';
import { manualPage } from '../agent/cli/help/man.ts';
import { version } from '../agent/system/package.ts';

const page = new URL('../docs/options.md', import.meta.url);
let text = readFileSync(page, 'utf8');
for (const [name, table] of [
  ['options', optionsTable()],
  ['subcommands', subcommandsTable()],
]) {
  const [before, rest] = text.split(new RegExp(`(?<=<!-- ${name}: [^\\n]*\\n)`));
  const after = rest.slice(rest.indexOf(`<!-- /${name} -->`));
  text = `${before}\n${table}\n${after}`;
}
writeFileSync(page, text);
writeFileSync(new URL('../docs/sse-tail.1', import.meta.url), manualPage(version));
