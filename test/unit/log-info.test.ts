import { expect, it } from 'vitest';
import { awaitedText, infoOf } from '../../agent/log-info.ts';
import { createRedactor } from '../../agent/text/redact/redact.ts';

it.each([
  [['a.log'], false, 'a.log does not exist yet; waiting for it.'],
  [['a.log', './b.log'], false, 'a.log and ./b.log do not exist yet; waiting for them.'],
  [['docs'], true, 'There is no file in docs yet; waiting for one.'],
  [['/dev/tty'], true, "/dev/tty can't be read yet; waiting until it can be."],
  [['logs/*.log'], false, 'No file matches logs/*.log yet; waiting for one.'],
  [
    ['logs/*.log', 'logs/sub', './b.txt'],
    true,
    'No file matches logs/*.log, logs/sub or ./b.txt yet; waiting for one.',
  ],
])('%j: what is waited for', (paths, isThere, sentence) => {
  expect(awaitedText(paths, isThere)).toBe(sentence);
});

it('a log that is named after its files or its command has no secret in its name', () => {
  const redactor = createRedactor({ values: ['hunter2SECRET'], patterns: [] });
  const files = infoOf({ input: { kind: 'files', paths: ['/logs/app-hunter2SECRET.log', 'b.log'] } }, redactor);
  expect(files.name).toBe('app-***.log and 1 more');
  const command = infoOf({ input: { kind: 'command', argv: ['hunter2SECRET', 'hunter2SECRET'] } }, redactor);
  expect(command).toMatchObject({ name: '*** ***', argv: ['***', '***'] });
});
