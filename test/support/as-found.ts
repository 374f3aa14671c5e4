import { afterAll, expect, vi } from 'vitest';

// vitest's set-up of the files that share a process: none may have to do with what another one did.

vi.resetModules();
const found = ofProcess();

afterAll(() => {
  expect(ofProcess(), 'what these tests leave behind').toEqual(found);
});

function ofProcess() {
  const globals = Object.getOwnPropertyNames(globalThis).sort();
  const clocks = [setTimeout, setInterval, setImmediate, Date, performance.now];
  return { globals, clocks, environment: { ...process.env }, directory: process.cwd(), umask: process.umask() };
}
