// Writes the README's table of options from the one that the program uses. Run by `npm run docs`, after a build.
import { readFileSync, writeFileSync } from 'node:fs';
import { optionsTable } from '../dist/agent/help.js';

const readme = new URL('../README.md', import.meta.url);
const text = readFileSync(readme, 'utf8');
const [before, rest] = text.split(/(?<=<!-- options: [^\n]*\n)/);
const after = rest.slice(rest.indexOf('<!-- /options -->'));
writeFileSync(readme, `${before}\n${optionsTable()}\n${after}`);
