import { defineConfig } from 'vitest/config';

/**
 * `npm run coverage`: what the unit and contract tests reach of the parts on which everything else relies, and of the
 * store of many machines what the tests with a real server do.
 */
export default defineConfig({
  test: {
    name: 'coverage',
    include: [
      'test/unit/{text,frame,journal,recorder,words}/**/*.test.ts',
      'test/contract/journal*.test.ts',
      'test/integration/store-*.test.ts',
    ],
    globalSetup: ['test/support/nats-server.ts'],
    testTimeout: 120_000,
    maxWorkers: 2,
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['agent/text/**', 'agent/frame/**', 'agent/journal/**'],
      reporter: ['text-summary', 'html'],
      thresholds: {
        'agent/text/**': { lines: 90, functions: 90, branches: 85 },
        'agent/frame/**': { lines: 90, functions: 90, branches: 85 },
        'agent/journal/**': { lines: 90, functions: 90, branches: 80 },
      },
    },
  },
});
