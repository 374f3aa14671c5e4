import { minify } from 'terser';
import type { Plugin } from 'vite';

/**
 * Lets terser rewrite each script before Vite's own minifier does: alone that leaves the pages 3% larger, terser alone
 * 1%. Arrows instead of functions without `this` are safe here, as nothing on the pages makes objects of functions.
 */
export function compressScripts(): Plugin {
  return {
    name: 'compress-scripts',
    apply: 'build',
    async renderChunk(code) {
      const { code: compressed = code } = await minify(code, {
        module: true,
        ecma: 2020,
        mangle: false,
        compress: { passes: 3, unsafe_arrows: true },
        format: { comments: false },
      });
      return compressed;
    },
  };
}
