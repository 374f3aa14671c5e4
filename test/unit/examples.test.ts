import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../agent/cli/options/parse.ts';

const directory = fileURLToPath(new URL('../../docs/examples/beyond-one-machine/', import.meta.url));
const recipes = readdirSync(directory).filter((name) => /\.ya?ml$/.test(name));

/** The arguments of each `npx -y sse-tail …`, as a shell or as YAML has them. */
function commandLines(text: string): string[][] {
  const flow = [...text.matchAll(/\["npx", "-y", "sse-tail", (.*)\]/g)].map(([, list]) => JSON.parse(`[${list}]`));
  const shell = [...text.matchAll(/npx -y sse-tail (.*)$/gm)].map(([, line = '']) =>
    (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', '')),
  );
  return [...flow, ...shell];
}

describe.each(recipes)('the recipe %s', (name) => {
  const text = readFileSync(`${directory}${name}`, 'utf8');

  it('has a command line that sse-tail takes', () => {
    const lines = commandLines(text);
    expect(lines.length).toBeGreaterThan(0);
    for (const args of lines) {
      const parsed = parseCommandLine(args, { SSE_TAIL_STORE: 'nats://secret@nats:4222' }, false);
      expect(parsed).toMatchObject({ values: { store: 'nats://secret@nats:4222' } });
      if (parsed.action === 'stream') expect(parsed.values.noServe).toBe(true);
    }
  });

  it('has no tabs and no odd indentation, which YAML would refuse or misread', () => {
    for (const line of text.split('\n')) expect(line).toMatch(/^(?: {2})*(?:\S|$)/);
  });
});
