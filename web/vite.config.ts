import { fileURLToPath } from 'node:url';
import { preact } from '@preact/preset-vite';
import { defineConfig, type Plugin, type Rolldown } from 'vite';
import { ansiToHtmlSource } from '../scripts/ansi-to-html-source.ts';
import { compressScripts } from '../scripts/compress-scripts.ts';
import { precompress } from '../scripts/precompress.ts';
import { oldestBrowsers } from './oldest-browsers.ts';

const agent = 'http://127.0.0.1:7730';

/** Scripts of their own: few pages want them. */
const seldom = /\/web\/(?:stream\/|several\/beside)/;

/**
 * What a log's page loads once its first lines show comes in one script: each costs a request, on connections of which
 * a browser has six. What its workers need as well is in a script of its own, and not in each of them once more.
 */
function scriptOf(id: string, context: Rolldown.ChunkingContext): string | null {
  const users = new Set([id]);
  let isLater = true;
  let isOfPage = false;
  let isOfWorkers = false;
  for (const user of users) {
    const info = context.getModuleInfo(user);
    if (info === null) return null;
    isLater &&= !info.isEntry && !seldom.test(user);
    isOfWorkers ||= user === workers;
    isOfPage ||= user !== workers && (info.isEntry || info.dynamicImporters.length > 0);
    for (const importer of info.importers) users.add(importer);
  }
  if (isOfWorkers) return isOfPage ? 'shared' : null;
  return isLater ? 'later' : null;
}

/** What draws is in both: said here, as it would be two scripts otherwise. */
const scriptsOfLogPage = [
  { debugName: 'later', name: scriptOf, includeDependenciesRecursively: false },
  { name: 'preact', test: /preact|chrome\/(?:button|icons)/, includeDependenciesRecursively: false },
];

const workers = page('backend/worker.ts');

/** Builds the workers' script with the page, so that they share what both need. */
function workersBesidePage(): Plugin {
  return {
    name: 'workers-beside-page',
    apply: 'build',
    enforce: 'pre',
    resolveId: { filter: { id: /worker\.ts\?worker&url$/ }, handler: () => '\0workers-url' },
    load: {
      filter: { id: /^\0workers-url$/ },
      handler() {
        const script = this.emitFile({ type: 'chunk', id: workers, name: 'worker', preserveSignature: 'strict' });
        return `export default import.meta.ROLLUP_FILE_URL_${script};`;
      },
    },
  };
}

/** `compressScripts` does the rest. */
const onlySpaces = { compress: false, mangle: false, codegen: true };

/** Each page is built for itself (`--mode logs`), as a script that they share would be one more to wait for. */
export default defineConfig(({ mode }) => ({
  // The page may live under any prefix and at `/logs/<log id>/`: everything it loads is relative to itself.
  base: './',
  plugins: [
    workersBesidePage(),
    ansiToHtmlSource(),
    preact(),
    elementsAsArguments(),
    withoutPreloads(),
    firstScripts(),
    stylesInside(),
    compressScripts(oldestBrowsers),
    precompress(),
  ],
  resolve: { alias: [{ find: /^entities$/, replacement: page('text/color/encode-xml.ts') }] },
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
        codeSplitting: { groups: mode === 'logs' ? [] : scriptsOfLogPage },
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

/** What a page runs first is asked for as soon as its document is there, and not one script after the other. */
function firstScripts(): Plugin {
  return {
    name: 'first-scripts',
    apply: 'build',
    transformIndexHtml: (_html, { chunk, bundle = {} }) => {
      const names = new Set(chunk?.imports);
      for (const name of names) {
        const script = bundle[name];
        if (script?.type === 'chunk') for (const imported of script.imports) names.add(imported);
      }
      return [...names].map((name) => ({
        tag: 'link',
        attrs: { rel: 'modulepreload', crossorigin: true, href: `./${name}` },
        injectTo: 'head',
      }));
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

function page(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Pages load the script of the workers too (`WorkerExports`), for which Vite drops what it exports. */
function keepExports(): Plugin {
  return { name: 'keep-exports', options: (options) => ({ ...options, preserveEntrySignatures: 'strict' }) };
}
