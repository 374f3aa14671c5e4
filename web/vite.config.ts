import { fileURLToPath } from 'node:url';
import { preact } from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { precompress } from '../scripts/precompress.ts';
import { oldestBrowsers } from './oldest-browsers.ts';

const agent = 'http://127.0.0.1:7730';

export default defineConfig({
  // The page may live under any prefix and at `/logs/<log id>/`: everything it loads is relative to itself.
  base: './',
  plugins: [preact(), withoutPreloads(), precompress()],
  resolve: { alias: [{ find: /^entities$/, replacement: page('text/encode-xml.ts') }] },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // The page's Content-Security-Policy knows neither inline scripts nor `blob:` workers.
    assetsInlineLimit: 0,
    modulePreload: false,
    target: oldestBrowsers,
    rolldownOptions: { input: [page('index.html'), page('logs.html')] },
  },
  worker: { format: 'es' },
  // `npx vite web` shows the page of an agent that runs on its default port.
  server: { proxy: { '^/(events|raw|status|logs)(/|\\?|$)': agent } },
});

/**
 * Vite's own helper loads the styles and imports of a script before it: 1.5 KB for what there is none of. Styles belong
 * to what a page's document links (test/e2e/page-size.test.ts).
 */
function withoutPreloads(): Plugin {
  const helper = '\0vite/preload-helper.js';
  return {
    name: 'without-preloads',
    enforce: 'pre',
    load: (id) => (id === helper ? 'export const __vitePreload = (load) => load();' : undefined),
  };
}

function page(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
