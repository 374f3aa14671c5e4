import { fileURLToPath } from 'node:url';
import { preact } from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { ansiToHtmlSource } from '../scripts/ansi-to-html-source.ts';
import { oldestBrowsers } from './oldest-browsers.ts';

/** The page of an exported log: one script and one style sheet, which the agent writes into the file that it makes. */
export default defineConfig({
  publicDir: false,
  plugins: [ansiToHtmlSource(), preact()],
  resolve: {
    alias: [
      { find: /^entities$/, replacement: page('../agent/text/color/encode-xml.ts') },
      { find: 'node:module', replacement: page('export/node-module.ts') },
      { find: /^.*\/agent-requests\.ts$/, replacement: page('export/no-agent.ts') },
    ],
  },
  build: {
    outDir: '../dist/web/export',
    emptyOutDir: true,
    cssCodeSplit: false,
    modulePreload: false,
    target: oldestBrowsers,
    rolldownOptions: {
      // As those of the other pages.
      checks: { bundlerTimings: false },
      input: page('export/main.tsx'),
      output: {
        format: 'es',
        codeSplitting: false,
        entryFileNames: 'page.js',
        assetFileNames: 'page[extname]',
      },
    },
  },
});

function page(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
