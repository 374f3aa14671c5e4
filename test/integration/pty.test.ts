import { closeSync, openSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { asInherited } from '../../agent/sources/command/launch/as-inherited.ts';
import type { ForkOptions } from '../../agent/sources/command/pty/fork.ts';
import { loadNativePty } from '../../agent/sources/command/pty/native-pty.ts';
import { openPty, type Pty } from '../../agent/sources/command/pty/pty.ts';
import { until, within } from '../support/deadline.ts';
import { toldPid } from '../support/told-pid.ts';

function startShell(script: string, options: Partial<ForkOptions> = {}): Pty {
  const argv = ['sh', '-c', script];
  const env = { PATH: process.env.PATH, TERM: 'xterm' };
  const inherited = { ignoredSignals: new Set<NodeJS.Signals>(), openFiles: undefined, descriptors: [] };
  return openPty({
    argv: options.descriptors === undefined ? argv : asInherited(argv, env, inherited, true),
    cwd: process.cwd(),
    env,
    size: { columns: 100, rows: 30 },
    descriptors: [],
    ...options,
  });
}

/** Takes the output as it comes. */
function listen(pty: Pty): { text: string; ended: Promise<void> } {
  const heard = { text: '', ended: Promise.resolve() };
  heard.ended = (async () => {
    for await (const chunk of pty.output) heard.text += chunk.toString('latin1');
  })();
  return heard;
}

/** All of the output, with line ends as the command wrote them. */
async function outputOf(pty: Pty): Promise<string> {
  const heard = listen(pty);
  await within('the end of the output', heard.ended);
  return heard.text.replaceAll('\r\n', '\n');
}

/** How the command is started: the native fork hands on no descriptors. */
const kinds: [string, Partial<ForkOptions>][] = [['a command on a pseudo-terminal', {}]];
if (process.platform === 'linux') {
  kinds.push(['a command on one that inherits descriptors', { descriptors: [openSync('/dev/null', 'r')] }]);
}

describe.each(kinds)('%s', (_, options) => {
  const shell = (script: string) => startShell(script, options);

  it('has it as standard input, output, error and controlling terminal, in a session of its own', async () => {
    const pty = shell(
      'test -t 0 && test -t 1 && test -t 2 && echo tty; ps -o sid= -p $$; echo $$; : </dev/tty && echo own',
    );
    const [isTty, session, pid, own] = (await outputOf(pty)).split('\n').map((line) => line.trim());
    expect({ isTty, own }).toEqual({ isTty: 'tty', own: 'own' });
    expect(Number(session)).toBe(pty.pid);
    expect(Number(pid)).toBe(pty.pid);
  });

  it('gets its size, and SIGWINCH when that changes', async () => {
    const pty = shell('trap "stty size; exit" WINCH; stty size; while :; do sleep 0.05; done');
    const heard = listen(pty);
    await until('the first size', () => heard.text.includes('30 100'));
    pty.resize({ columns: 90, rows: 20 });
    await within('the end', heard.ended);
    expect(heard.text).toBe('30 100\r\n20 90\r\n');
  });

  it.each([
    ['exit 7', { code: 7, signal: null }],
    ['kill -9 $$', { code: null, signal: 'SIGKILL' }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
  ])('%s: tells how it ended', async (script, outcome) => {
    const pty = shell(script);
    await outputOf(pty);
    expect(await pty.exit).toEqual(outcome);
  });

  it('reads what is typed; Ctrl-D is the end and Ctrl-C a signal', async () => {
    const cat = shell('stty -echo; echo ready; cat');
    const heard = listen(cat);
    await until('cat', () => heard.text.includes('ready'));
    await cat.write(Buffer.from('typed\n\x04'));
    await within('the end of cat', heard.ended);
    expect(heard.text).toContain('typed');
    expect(await cat.exit).toEqual({ code: 0, signal: null });

    const reader = shell('stty -echo; echo ready; exec cat');
    const read = listen(reader);
    await until('the shell', () => read.text.includes('ready'));
    // A shell on its way to a program loses a signal, so it is the program that has to answer first.
    await reader.write(Buffer.from('typed\n'));
    await until('cat', () => read.text.includes('typed'));
    await reader.write(Buffer.from('\x03'));
    await within('the end of cat', read.ended);
    expect(await reader.exit).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('that does not read what is typed holds up nobody', async () => {
    const pty = shell('stty -icanon; echo ready; sleep 60');
    const heard = listen(pty);
    await until('the command', () => heard.text.includes('ready'));
    const typed = pty.write(Buffer.alloc(1_000_000, 'x'));
    process.kill(pty.pid, 'SIGTERM');
    await within('the end', heard.ended);
    await within('the end of typing', typed);
  });

  it('is hung up by a cut', async () => {
    const pty = shell('echo ready; sleep 60');
    const heard = listen(pty);
    await until('the command', () => heard.text.includes('ready'));
    pty.cut();
    await within('the end', heard.ended);
    expect(await within('the hang-up', pty.exit)).toEqual({ code: null, signal: 'SIGHUP' });
  });
});

describe('the end of the output', () => {
  const last = 100_000;
  const all = `${Array.from({ length: last }, (_, i) => i + 1).join('\n')}\n`;

  it('is never lost when the command ends at once: 100,000 lines, 20 times', async () => {
    for (let run = 0; run < 20; run++) {
      const output = await outputOf(startShell(`seq ${last}`));
      expect(output.length, `run ${run}`).toBe(all.length);
      expect(output === all, `run ${run}`).toBe(true);
    }
  });

  it('is not lost on a reader that is slow, even long after the command has ended', async () => {
    const pty = startShell('seq 5000; exit 3');
    let text = '';
    for await (const chunk of pty.output) {
      text += chunk.toString('latin1');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(text.replaceAll('\r\n', '\n')).toBe(all.slice(0, all.indexOf('\n5001\n') + 1));
    expect(await pty.exit).toEqual({ code: 3, signal: null });
  });

  it('without a line end is there, too', async () => {
    expect(await outputOf(startShell('printf abc'))).toBe('abc');
  });

  it('comes when the last process that has the terminal open has ended', async () => {
    const pty = startShell('trap "" HUP; (sleep 0.3; echo late) & exit 0');
    expect(await outputOf(pty)).toBe('late\n');
  });

  it('is not waited for after a cut', async () => {
    const pty = startShell('trap "" HUP; sleep 60 & echo $!; exit 0');
    const heard = listen(pty);
    await pty.exit;
    pty.cut();
    await within('the end', heard.ended);
    // It has ignored the hang-up.
    process.kill(toldPid(heard.text), 'SIGKILL');
  });
});

it('a platform without pseudo-terminals is told in one sentence', () => {
  expect(() => loadNativePty('plan9', 'mips')).toThrow(
    '--tty needs a pseudo-terminal, but the optional package @lydell/node-pty-plan9-mips is not installed.',
  );
});

describe.runIf(process.platform === 'linux')('a program that is none', () => {
  it('is told as such, and leaves no descriptor open', () => {
    const own = openSync('/dev/null', 'r');
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const options = { columns: 100, rows: 30 };
    const start = () =>
      openPty({ argv: ['/nowhere/at/all'], cwd: process.cwd(), env: {}, size: options, descriptors: [own] });
    expect(start).toThrow("'/nowhere/at/all' can't be run: ");
    const before = openFiles();
    for (let round = 0; round < 3; round++) expect(start).toThrow();
    expect(openFiles()).toBe(before);
    closeSync(own);
  });
});
