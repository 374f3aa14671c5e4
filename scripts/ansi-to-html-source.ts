import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/**
 * What makes a module of the source, with the page's options written in (agent/text/color/convert.ts): whatever serves
 * other options is not called any more, and a bundler drops it.
 */
const asModule = [
  [/^const entities = require\('entities'\);$/m, "import * as entities from 'entities';"],
  [/^module\.exports = /m, 'export default '],
  [/\boptions\.escapeXML\b/g, 'true'],
  [/\boptions\.(?:newline|stream)\b/g, 'false'],
  [/\bgetDefaultColors\(\)$/m, '{}'],
  [/^ {8}this\.stickyStack\.forEach\(.*?^ {8}\}\);$/ms, ''],
] as const;

/**
 * Builds ansi-to-html from its own source, which its source map carries: as published it is translated for browsers
 * without classes and `for … of`, and with what loads a CommonJS module and serves options that the page has not, that
 * is 4 KB more in the page's first script.
 */
export function ansiToHtmlSource(): Plugin {
  return {
    name: 'ansi-to-html-source',
    load(id) {
      if (!/[\\/]ansi-to-html[\\/]lib[\\/]ansi_to_html\.js$/.test(id)) return;
      const map: { sourcesContent?: string[] } = JSON.parse(readFileSync(`${id}.map`, 'utf8'));
      return asModule.reduce((code, [pattern, instead]) => {
        const changed = code.replace(pattern, instead);
        if (changed === code) throw new Error(`The source of ansi-to-html lacks ${pattern}: has its release changed?`);
        return changed;
      }, map.sourcesContent?.[0] ?? '');
    },
  };
}
