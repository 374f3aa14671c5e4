import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../../agent/cli/options/parse.ts';

const parse = (...args: string[]) => parseCommandLine(args, { PATH: '/bin:/usr/bin' }, true);

describe('a command without --', () => {
  it.each([
    [['ls', '-q', 'nothing'], 'Did you mean "sse-tail -- ls -q nothing"?'],
    [['-q', 'ls', 'nothing'], 'Did you mean "sse-tail -q -- ls nothing"?'],
    [['ls', '-la'], 'Did you mean "sse-tail -- ls -la"?'],
    [['sh', '-ec', "echo it's"], `Did you mean "sse-tail -- sh -ec 'echo it'\\''s'"?`],
    [['sh', '-v', './package.json'], 'Did you mean "sse-tail -- sh -v ./package.json"?'],
    [['--prot', '1', 'ls'], 'Unknown option --prot. Did you mean --port?'],
    [['sh', '--linger', 'never'], 'Did you mean "sse-tail -- sh --linger never"?'],
    [['grpe', '-i', 'nothing'], 'Did you mean "sse-tail grep -i nothing"?'],
    [['sh', 'nothing'], 'Did you mean "sse-tail -- sh nothing"?'],
    [['help'], 'Did you mean "sse-tail --help"?'],
    [['catt', 'nothing'], 'Did you mean "sse-tail cat nothing"?'],
    [['grpe', 'nothing'], 'Did you mean "sse-tail grep nothing"?'],
    [['lgos'], 'Did you mean "sse-tail logs"?'],
    [['serv'], 'Did you mean "sse-tail serve"?'],
  ])('%j is refused with what was meant', (args, meant) => {
    expect(() => parse(...args)).toThrow(meant);
  });

  it.each([
    ['a path', ['./ls', 'nothing']],
    ['an extension', ['ls', 'app.log']],
    ['a pattern', ['l*']],
    ['a file that is there', ['package.json', 'ls']],
    ['a name of nothing in particular', ['messages']],
  ])('%s is a file to follow', (_, paths) => {
    expect(parse(...paths)).toMatchObject({ input: { kind: 'files', paths } });
  });
});

it('-V prints the version', () => {
  expect(parse('-V')).toEqual({ action: 'version' });
});
