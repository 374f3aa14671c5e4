import { fileURLToPath } from 'node:url';
import { preact } from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { ansiToHtmlSource } from '../scripts/ansi-to-html-source.ts';
import { compressScripts } from '../scripts/compress-scripts.ts';
import { preactSource } from '../scripts/preact-source.ts';
import { precompress } from '../scripts/precompress.ts';
import { oldestBrowsers } from './oldest-browsers.ts';

const agent = 'http://127.0.0.1:7730';

/** `compressScripts` does the rest. */
const onlySpaces = { compress: false, mangle: false, codegen: true };

/** Each page is built for itself (`--mode logs`), as a script that they share would be one more to wait for. */
export default defineConfig(({ mode }) => ({
  // The page may live under any prefix and at `/logs/<log id>/`: everything it loads is relative to itself.
  base: './',
  plugins: [
    ansiToHtmlSource(),
    preactSource(),
    groupsAsShort(),
    preact(),
    elementsAsArguments(),
    withoutPreloads(),
    stylesInside(),
    ...(mode === 'logs' ? [] : [entryInside()]),
    compressScripts(oldestBrowsers),
    precompress(),
  ],
  resolve: { alias: [{ find: /^entities$/, replacement: page('../agent/text/color/encode-xml.ts') }] },
  build: {
    outDir: '../dist/web',
    emptyOutDir: mode !== 'logs',
    // The page's Content-Security-Policy knows neither inline scripts nor `blob:` workers.
    assetsInlineLimit: 0,
    modulePreload: false,
    minify: false,
    cssMinify: true,
    target: oldestBrowsers,
    rolldownOptions: {
      // What compresses scripts takes most of the time, which is no news.
      checks: { bundlerTimings: false },
      input: page(mode === 'logs' ? 'logs.html' : 'index.html'),
      output: {
        minify: onlySpaces,
        // It goes into the document, and names scripts from there.
        ...(mode === 'logs' ? {} : { entryFileNames: '[name].js' }),
      },
    },
  },
  worker: {
    format: 'es',
    plugins: () => [compressScripts(oldestBrowsers), keepExports()],
    rolldownOptions: { output: { comments: false, minify: onlySpaces } },
  },
  // `npx vite web` shows the page of an agent that runs on its default port.
  server: { proxy: { '^/(events|raw|status|logs)(/|\\?|$)': agent } },
}));

/**
 * JSX as calls of `h`, which take children as arguments: those of the newer runtime, with `children` in a property of
 * each element and the source of another function, are 3 KB more.
 */
function elementsAsArguments(): Plugin {
  return {
    name: 'elements-as-arguments',
    apply: 'build',
    config: () => ({ oxc: { jsx: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' } } }),
    transform: {
      order: 'pre',
      filter: { id: /\.tsx$/ },
      handler: (code) => `import { Fragment, h } from 'preact';${code}`,
    },
  };
}

/**
 * `(` for `(?:`: what a group holds is of no interest where expressions are only tested. Those of other modules than
 * this one are few.
 */
function groupsAsShort(): Plugin {
  return {
    name: 'groups-as-short',
    apply: 'build',
    transform: {
      order: 'pre',
      filter: { id: /\/agent\/text\/record\.ts$/ },
      handler(code) {
        if (/\.(?:exec|match|matchAll|replace|replaceAll|search|split)\(|\\[1-9k]/.test(code))
          throw new Error('An expression in record.ts is not only tested.');
        return code.replaceAll('(?:', '(');
      },
    },
  };
}

/**
 * Vite wraps each `import()` to load the styles and imports of a script before it: 100 bytes a script, and a helper of
 * 1.5 KB, for what there is none of. Styles come with a page's document (test/e2e/page-size.test.ts).
 */
function withoutPreloads(): Plugin {
  const wrapping = 'native:import-analysis-build';
  return {
    name: 'without-preloads',
    apply: 'build',
    configResolved({ plugins }) {
      const index = plugins.findIndex(({ name }) => name === wrapping);
      if (index < 0) throw new Error(`Vite has no plugin ${wrapping} any more: find what wraps import() now.`);
      (plugins as Plugin[]).splice(index, 1);
    },
  };
}

/**
 * Styles come with the document: over a connection of their own they would take two round trips, and hold up the
 * script meanwhile.
 */
function stylesInside(): Plugin {
  return {
    name: 'styles-inside',
    apply: 'build',
    transformIndexHtml: (html, { bundle = {} }) =>
      html.replace(/<link rel="stylesheet"[^>]* href="\.\/([^"]+)">/g, (_link, name: string) => {
        const file = bundle[name];
        if (file?.type !== 'asset') throw new Error(`${name} is no style sheet.`);
        delete bundle[name];
        return `<style>${file.source}</style>`;
      }),
  };
}

/**
 * The page's entry comes with the document, too, and what it imports once the first lines have been painted is loaded
 * meanwhile.
 */
function entryInside(): Plugin {
  return {
    name: 'entry-inside',
    apply: 'build',
    transformIndexHtml: (html, { bundle = {}, chunk: entry }) => {
      const [next] = entry?.dynamicImports ?? [];
      if (entry === undefined || next === undefined || entry.imports.length > 0)
        throw new Error('The entry of the page imports one script, and that later.');
      delete bundle[entry.fileName];
      return html.replace(
        /<script type="module"[^>]* src=[^>]*><\/script>/,
        () =>
          `<link rel="preload" href="./${next}" as="script" crossorigin><script type="module">${entry.code}</script>`,
      );
    },
  };
}

function page(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Pages load the script of the workers too (`WorkerExports`), for which Vite drops what it exports. */
function keepExports(): Plugin {
  return { name: 'keep-exports', options: (options) => ({ ...options, preserveEntrySignatures: 'strict' }) };
}
