import { afterAll, expect, vi } from 'vitest';

// vitest's set-up of each unit test's file. They share processes, and none may have to do with what another one did.

const found = ofProcess();

afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  expect(ofProcess(), 'what these tests leave behind').toEqual(found);
});

function ofProcess() {
  const globals = Object.getOwnPropertyNames(globalThis).sort();
  return { globals, environment: { ...process.env }, directory: process.cwd(), umask: process.umask() };
}
