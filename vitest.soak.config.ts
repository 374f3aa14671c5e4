import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const hour = 3_600_000;
const limits = { testTimeout: hour, hookTimeout: hour };

/**
 * `npm run soak`: what takes minutes. The suite has small versions of the same scenarios, and runs each property less
 * often.
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
            ...withProperties('test/unit'),
            ...withProperties('test/integration'),
            'test/contract/journal*.test.ts',
          ],
          setupFiles: ['test/soak/longer-properties.ts'],
          globalSetup: ['test/support/nats-server.ts'],
        },
      },
    ],
  },
});

function withProperties(directory: string): string[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((path) => `${directory}/${path}`);
  return paths.filter((path) => path.endsWith('.test.ts') && readFileSync(path, 'utf8').includes('fc.assert('));
}
