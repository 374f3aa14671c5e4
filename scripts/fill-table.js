import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Puts a table between its comments: `<!-- name: who makes it -->` and `<!-- /name -->`.
 *
 * @param {URL} page
 * @param {string} name
 * @param {string} table
 */
export function fillTable(page, name, table) {
  const text = readFileSync(page, 'utf8');
  const [before, rest] = text.split(new RegExp(`(?<=<!-- ${name}: [^\\n]*\\n)`));
  const after = rest.slice(rest.indexOf(`<!-- /${name} -->`));
  writeFileSync(page, `${before}\n${table}\n${after}`);
}
