import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startAtTerminal } from '../support/agent-terminal.ts';
import { until } from '../support/deadline.ts';

/** Mistakes of which there must be none: each is put into a running agent, to see that no test would pass over it. */
const mistakes = [
  ['an exception that nobody catches', 'throw new Error("by mistake")'],
  ['a rejection that nobody handles', 'Promise.reject(new Error("by mistake"))'],
  ['an error event that nobody listens for', 'new EventEmitter().emit("error", new Error("by mistake"))'],
  ['a warning', 'process.emitWarning("by mistake")'],
];

describe.each(mistakes)('%s', (_, mistake) => {
  const inject = (path: string) => {
    writeFileSync(path, `import { EventEmitter } from 'node:events'; setTimeout(() => { ${mistake} }, 100);`);
    return `--import=file://${path}`;
  };

  it('in the agent fails its test', async () => {
    using folder = temporaryFolder();
    const env = { NODE_OPTIONS: inject(folder.file('mistake.mjs')) };
    const agent = startAgent(folder.path, ['--linger', '5m', '-c', 'echo on'], { env });
    await until('the mistake', () => agent.stderr.includes('by mistake'));
    await expect(agent[Symbol.asyncDispose]()).rejects.toThrow(/nobody expected.*by mistake/s);
  });

  it('in an agent at a terminal fails its test', async () => {
    using folder = temporaryFolder();
    const option = inject(folder.file('mistake.mjs'));
    const agent = startAtTerminal(folder.path, `exec env NODE_OPTIONS=${option} $sse_tail -c 'echo on'`);
    await until('the mistake', () => agent.text.includes('by mistake'));
    await expect(agent[Symbol.asyncDispose]()).rejects.toThrow(/nobody expected.*by mistake/s);
  });
});
