// Writes the tables of docs/options.md from those that the program uses. Run by `npm run docs`, after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable, subcommandsTable } from '../dist/agent/cli/help/help.js';

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
