import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type AgentOptions, createAgent } from '../../agent/agent.ts';
import { temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { ask } from '../support/http-client.ts';

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const marks: [string, Buffer, Buffer][] = [
  ['UTF-16', utf16('h\u00e9\n'), Buffer.from('\u65e5\u00e9\n', 'utf16le')],
  ['big-endian UTF-16', utf16('h\u00e9\n').swap16(), Buffer.from('\u65e5\u00e9\n', 'utf16le').swap16()],
  ['UTF-8', Buffer.from('\ufeffh\u00e9\n'), Buffer.from('\u65e5\u00e9\n')],
];
const gbk = Buffer.from('d6d0cec40a', 'hex');

it.each(marks)(
  'a file marked as %s is read as that, and the file that replaces it as the given encoding',
  async (_, begun, more) => {
    using folder = temporaryFolder();
    const path = folder.file('app.log');
    writeFileSync(path, begun);
    const options: AgentOptions = {
      input: { kind: 'files', paths: [path] },
      dir: folder.path,
      port: 0,
      name: 'kept',
      encoding: 'gbk',
    };
    for (const [write, expected] of [
      [() => {}, 'h\u00e9\n'],
      [() => appendFileSync(path, more), 'h\u00e9\n\u65e5\u00e9\n'],
      [
        () => {
          renameSync(path, `${path}.1`);
          writeFileSync(path, gbk);
        },
        'h\u00e9\n\u65e5\u00e9\n\u4e2d\u6587\n',
      ],
    ] as const) {
      // Each time by an agent that finds the log of the one before.
      const agent = await createAgent(options);
      try {
        await agent.start();
        write();
        await until('the lines', async () => withoutNotices((await ask(`${agent.url}raw`)).body) === expected);
      } finally {
        await agent.close();
      }
    }
  },
);

it.each([
  ['much of it is in GBK', Buffer.concat(Array(20).fill(gbk)), undefined, 1],
  ['it is in GBK and folded', Buffer.concat(Array(20).fill(Buffer.concat([Buffer.from('50%\r'), gbk]))), undefined, 1],
  ['it is in GBK, as was said', Buffer.concat(Array(20).fill(gbk)), 'gbk', 0],
  ['a few lines of it are broken', Buffer.concat([gbk, gbk, Buffer.from('plain\n'.repeat(100))]), undefined, 0],
  ['it is UTF-8', Buffer.from('\u4e2d\u6587\n'.repeat(100)), undefined, 0],
])('the person who runs it is told of --encoding once where %s', async (_, bytes, encoding, times) => {
  using folder = temporaryFolder();
  const path = folder.file('app.log');
  writeFileSync(path, bytes);
  const sentences: string[] = [];
  const input: AgentOptions['input'] = { kind: 'command', argv: ['cat', path] };
  const report = (sentence: string) => void sentences.push(sentence);
  const agent = await createAgent({
    input,
    dir: folder.path,
    port: 0,
    quiet: true,
    report,
    ...(encoding && { encoding }),
  });
  try {
    await agent.start();
    await agent.ended;
  } finally {
    await agent.close();
  }
  expect(sentences.filter((sentence) => sentence.includes('--encoding'))).toHaveLength(times);
});

function withoutNotices(text: string): string {
  return text.replace(/^.*(?:was rotated|is gone|sse-tail).*\n/gm, '');
}
