import { defineConfig } from 'vitest/config';

const hour = 3_600_000;

/** `npm run soak`: what takes minutes. The suite has small versions of the same scenarios. */
export default defineConfig({
  test: {
    name: 'soak',
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['test/support/built-program.ts', 'test/support/chromium.ts', 'test/support/nats-server.ts'],
    testTimeout: hour,
    hookTimeout: hour,
    fileParallelism: false,
  },
});
