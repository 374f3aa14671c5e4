import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** What makes a CommonJS module of the source, and what says the same to a bundler. */
const asModule = [
  [/^const entities = require\('entities'\);$/m, "import * as entities from 'entities';"],
  [/^module\.exports = /m, 'export default '],
] as const;

/**
 * Builds ansi-to-html from its own source, which its source map carries: as published it is translated for browsers
 * without classes and `for … of`, and with what loads a CommonJS module that is 3 KB more in the page's first script.
 */
export function ansiToHtmlSource(): Plugin {
  return {
    name: 'ansi-to-html-source',
    load(id) {
      if (!/[\\/]ansi-to-html[\\/]lib[\\/]ansi_to_html\.js$/.test(id)) return;
      const map: { sourcesContent?: string[] } = JSON.parse(readFileSync(`${id}.map`, 'utf8'));
      return asModule.reduce((code, [pattern, instead]) => {
        if (!pattern.test(code))
          throw new Error(`The source of ansi-to-html lacks ${pattern}: has its release changed?`);
        return code.replace(pattern, instead);
      }, map.sourcesContent?.[0] ?? '');
    },
  };
}
