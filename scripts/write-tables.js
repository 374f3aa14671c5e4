// Writes the tables of docs/options.md and the manual page from the table of options that the program uses. Run by
// `npm run docs`.
import { writeFileSync } from 'node:fs';
import { optionsTable, subcommandsTable } from '../agent/cli/help/help.ts';
import { manualPage } from '../agent/cli/help/man.ts';
import { version } from '../agent/system/package.ts';
import { fillTable } from './fill-table.js';

const page = new URL('../docs/options.md', import.meta.url);
fillTable(page, 'options', optionsTable());
fillTable(page, 'subcommands', subcommandsTable());
writeFileSync(new URL('../docs/sse-tail.1', import.meta.url), manualPage(version));
