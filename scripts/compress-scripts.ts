import { minify as minifyAgain } from 'rolldown/utils';
import { minify } from 'terser';
import type { Plugin } from 'vite';
import { nameOftenSaid } from './name-often-said.ts';
import { shortNames } from './own-properties.ts';

/**
 * Lets terser rewrite each script before the minifier that Vite has does: alone that leaves the pages 3% larger, terser
 * alone 1%. Arrows instead of functions without `this` are safe here, as nothing on the pages makes objects of
 * functions.
 */
export function compressScripts(target: string[]): Plugin {
  return {
    name: 'compress-scripts',
    apply: 'build',
    async renderChunk(code, { fileName }) {
      const { code: rewritten = code } = await minify(code, {
        module: true,
        ecma: 2020,
        // Of a name cache terser takes the names of properties, and adds to it.
        nameCache: {
          props: { props: Object.fromEntries([...shortNames].map(([name, short]) => [`$${name}`, short])) },
        },
        mangle: { properties: { regex: new RegExp(`^(?:${[...shortNames.keys()].join('|')})$`), keep_quoted: true } },
        compress: { passes: 3, unsafe_arrows: true },
        format: { comments: false },
      });
      // Of what a module exports, a group of an expression or a text only one side would have the short name.
      const kept = [...shortNames.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(rewritten));
      if (kept.length > 0) throw new Error(`${fileName} says ${kept.join(', ')}, which can't have short names.`);
      const minified = await minifyAgain(fileName, rewritten, { module: true, compress: { target } });
      return nameOftenSaid(minified.code);
    },
  };
}
