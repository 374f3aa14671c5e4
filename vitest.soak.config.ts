import { defineConfig } from 'vitest/config';

/** `npm run soak`: what takes minutes, and finds what seldom happens. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['test/support/built-program.ts'],
    testTimeout: 600_000,
    fileParallelism: false,
  },
});
