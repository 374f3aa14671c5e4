import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const hour = 3_600_000;
const limits = { testTimeout: hour, hookTimeout: hour };

/**
 * `npm run soak`: what takes minutes. The suite has small versions of the same scenarios, runs each property less often,
 * and of a sweep over some parameters only as many cases as have every two values together.
 */
export default defineConfig({
  test: {
    fileParallelism: false,
    projects: [
      {
        test: {
          ...limits,
          name: 'scenarios',
          include: ['test/soak/**/*.test.ts'],
          globalSetup: ['test/support/built-program.ts', 'test/support/chromium.ts', 'test/support/nats-server.ts'],
        },
      },
      {
        test: {
          ...limits,
          name: 'properties',
          include: [
            ...filesWith('test/unit', 'fc.assert('),
            ...filesWith('test/integration', 'fc.assert('),
            'test/contract/journal*.test.ts',
          ],
          setupFiles: ['test/soak/longer-properties.ts'],
          globalSetup: ['test/support/nats-server.ts'],
        },
      },
      {
        test: {
          ...limits,
          name: 'sweeps',
          include: filesWith('test', 'support/sweep.ts'),
          env: { SSE_TAIL_SOAK: '1' },
          setupFiles: ['test/support/pages-of-a-test.ts'],
          globalSetup: ['test/support/built-program.ts', 'test/support/chromium.ts', 'test/support/nats-server.ts'],
        },
      },
    ],
  },
});

/** Those that hold a text: a property, or the import of what has more cases or a larger number here. */
function filesWith(directory: string, text: string): string[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => `${directory}/${path}`);
  return paths.filter((path) => path.endsWith('.test.ts') && readFileSync(path, 'utf8').includes(text));
}
