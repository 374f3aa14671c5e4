import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { byProcess } from './test/support/own-process.ts';

/** `expect.poll` waits as long as `until` does: vitest's own second is none on a busy machine. */
const expect = { poll: { interval: 20, timeout: 30_000 } };
const unit = { name: 'unit', expect, testTimeout: 60_000, hookTimeout: 60_000 };

/**
 * The whole suite (`npm test`): a process for each of two hundred files, and the same modules read again in it, take
 * as long as their tests. Whoever asks for some files has them all in one project, each in its own process.
 */
function unitProjects(isWhole: boolean): TestProjectConfiguration[] {
  if (!isWhole) return [{ test: { ...unit, include: ['test/unit/**/*.test.ts'] } }];
  const { alone, shared } = byProcess('test/unit');
  return [
    { test: { ...unit, include: shared, isolate: false, setupFiles: ['test/support/as-found.ts'] } },
    { test: { ...unit, name: 'unit-alone', include: alone } },
  ];
}

export default defineConfig(({ mode }) => ({
  test: {
    // They wait more than they compute: three side by side also where there are two cores.
    maxWorkers: 3,
    reporters: ['default', './test/support/watchdog.ts'],
    projects: [
      // A time limit ends what hangs; how fast the code is, the benchmarks say: a test may be slow on a busy machine.
      ...unitProjects(mode === 'whole'),
      {
        test: {
          name: 'contract',
          expect,
          include: ['test/contract/**/*.test.ts'],
          globalSetup: ['test/support/nats-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          expect,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['test/support/nats-server.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/support/built-program.ts', 'test/support/chromium.ts', 'test/support/nats-server.ts'],
          setupFiles: ['test/support/pages-of-a-test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
}));
