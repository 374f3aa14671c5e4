import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SseTailError } from '../words/errors.ts';

/** The page that shows an exported log, as it was built: what runs in the file, and what it looks like. */
export interface ExportPage {
  script: string;
  style: string;
}

/**
 * @param viewerDir the directory that the page was built into
 * @throws SseTailError kind `journal` where it was not built
 */
export function readExportPage(viewerDir: string): ExportPage {
  try {
    const read = (name: string) => readFileSync(join(viewerDir, 'export', name), 'utf8');
    return { script: insideScript(read('page.js')), style: read('page.css') };
  } catch (cause) {
    const message = 'The page for exported logs is missing from this installation. Install sse-tail again.';
    throw new SseTailError('journal', message, {}, cause);
  }
}

/** What would end or hide the rest of a script element; both can only stand in strings, where `\` changes nothing. */
function insideScript(code: string): string {
  return code.replace(/<(?=\/script|!--)/gi, '\\x3c');
}

/** Everything before the data. The policy lets this script and this style sheet work, and nothing load or be sent. */
export function documentStart({ script, style }: ExportPage, title: string): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "style-src-attr 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="generator" content="sse-tail">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
<script type="module">${script}</script>
</head>
<body>
<div id="top"></div>
<main id="log" translate="no"></main>
<div id="over"></div>
<noscript>This log is shown by a script: turn on JavaScript to read it.</noscript>
`;
}

export const documentEnd = '</body>\n</html>\n';

/** An element whose content the browser neither runs nor reads. */
export function dataElement(attribute: string, packed: Buffer): string {
  return `<script type="application/gzip" ${attribute}>${packed.toString('base64')}</script>\n`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
