import { AsyncLocalStorage } from 'node:async_hooks';
import { aroundEach, onTestFinished, type TestContext, TestRunner } from 'vitest';

const running = new AsyncLocalStorage<TestContext>();

/** For a file whose tests run side by side: each of them is found by what calls `atEnd` in it. */
export function testsSideBySide(): void {
  aroundEach((run, context) => running.run(context, run));
}

/**
 * `onTestFinished`, also of a test beside which others run: vitest's own has the test that began last, which may be
 * another one.
 */
export function atEnd(clean: () => unknown): void {
  const own = running.getStore();
  if (own === undefined && TestRunner.getCurrentTest()?.concurrent === true)
    throw new Error('The file has to call testsSideBySide().');
  (own?.onTestFinished ?? onTestFinished)(async () => void (await clean()));
}
