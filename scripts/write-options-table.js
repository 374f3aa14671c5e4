// Writes the README's tables of options and subcommands from those that the program uses. Run by `npm run docs`, after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable, subcommandsTable } from '../dist/agent/cli/help/help.js';

const readme = new URL('../README.md', import.meta.url);
let text = readFileSync(readme, 'utf8');
for (const [name, table] of [
  ['options', optionsTable()],
  ['subcommands', subcommandsTable()],
]) {
  const [before, rest] = text.split(new RegExp(`(?<=<!-- ${name}: [^\\n]*\\n)`));
  const after = rest.slice(rest.indexOf(`<!-- /${name} -->`));
  text = `${before}\n${table}\n${after}`;
}
writeFileSync(readme, text);
