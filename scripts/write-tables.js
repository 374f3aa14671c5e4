// Writes the tables of docs/options.md and the manual page from the table of options that the program uses. Run by
// `npm run docs`, after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable, subcommandsTable } from '../dist/agent/cli/help/help.js';
import { manualPage } from '../dist/agent/cli/help/man.js';
import { version } from '../dist/agent/system/package.js';

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
