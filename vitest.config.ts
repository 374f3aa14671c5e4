import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // They wait more than they compute: two side by side also where there are no more cores.
    maxWorkers: 2,
    reporters: ['default', './test/support/watchdog.ts'],
    projects: [
      // A time limit ends what hangs; how fast the code is, the benchmarks say: a test may be slow on a busy machine.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 60_000 } },
      {
        test: {
          name: 'contract',
          include: ['test/contract/**/*.test.ts'],
          globalSetup: ['test/support/nats-server.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/nats-server.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/built-program.ts', 'test/support/chromium.ts', 'test/support/nats-server.ts'],
          setupFiles: ['test/support/pages-of-a-test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
