import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/agent-process.ts';
import { program } from '../support/built-program.ts';
import { execFileSync } from '../support/sync-child.ts';

/**
 * Runs a shell's text in which `sse-tail` is the built program and `$e` an e with accent in Latin-1; the bytes printed.
 */
function run(text: string): Buffer {
  using directory = temporaryFolder();
  const script = `sse-tail() { '${process.execPath}' '${program}' "$@"; }; e=$(printf '\\351'); ${text}`;
  return execFileSync('bash', ['-c', script], {
    cwd: directory.path,
    env: { PATH: process.env.PATH, HOME: directory.path, SSE_TAIL_DIR: directory.file('logs'), SSE_TAIL_PORT: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

describe.runIf(process.platform === 'linux')('bytes that are no UTF-8', () => {
  it.each(['', '--tty'])('reach a command in its arguments as they were given %s', (tty) => {
    expect(
      run(`sse-tail ${tty} -- printf '<%s>' "caf$e" '' "new
line
" "it's \\\\0 \\$HOME" é`),
    ).toEqual(Buffer.from(`<caf\xe9><><new${tty && '\r'}\nline${tty && '\r'}\n><it's \\0 $HOME><\xc3\xa9>`, 'latin1'));
  });

  it.each(['', '--tty'])('reach a command in its variables %s', (tty) => {
    expect(run(`X="caf$e" sse-tail ${tty} -- sh -c 'printf %s "$X"'`)).toEqual(Buffer.from('caf\xe9', 'latin1'));
  });

  it('name a program, and a log that stays readable', () => {
    expect(run(`printf '#!/bin/sh\\necho "$0"' > "caf$e"; chmod +x "caf$e"; sse-tail -- "./caf$e"`)).toEqual(
      Buffer.from('./caf\xe9\n', 'latin1'),
    );
    expect(run(`sse-tail -- echo "caf$e" >/dev/null; sse-tail logs --json`).toString()).not.toContain('\ufffd');
  });

  it('are read as UTF-16 on standard input where a byte order mark says so', () => {
    const utf16 = `printf '\\377\\376a\\0\\351\\0\\n\\0b\\0\\n\\0'`;
    expect(run(`${utf16} | sse-tail >/dev/null; sse-tail cat stdin`).toString()).toBe('aé\nb\n');
  });

  it('under --tty are named once on the terminal, with --encoding', () => {
    const said = run(
      `sse-tail --tty -- sh -c 'for i in 1 2 3 4 5 6 7 8; do printf "caf$1 $1$1$1 $i\\n"; done' sh "$e" 2>&1 >/dev/null`,
    );
    expect(said.toString().match(/--encoding/g)).toHaveLength(1);
  });
});
