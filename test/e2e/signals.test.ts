import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startAtTerminal } from '../support/agent-terminal.ts';
import { until } from '../support/deadline.ts';
import { hasExited } from '../support/hello.ts';
import { execFileSync, spawnSync } from '../support/sync-child.ts';
import { toldPid } from '../support/told-pid.ts';

/**
 * What a command can be told in words of signal(7); the rest is left out for a reason that stands in
 * `agent/cli/signals.ts`.
 */
const passedOn = [
  'HUP',
  'INT',
  'QUIT',
  'USR1',
  'USR2',
  'ALRM',
  'TERM',
  'VTALRM',
  'PROF',
  'IO',
  'PWR',

  'XCPU',
  'SYS',
  'TRAP',
];
const ending = ['HUP', 'INT', 'QUIT', 'TERM'];
const places = [
  ['pipes', []],
  ['a pseudo-terminal', ['--tty']],
] as const;

const run = promisify(execFile);
const nameOf = (signal: string) => `SIG${signal}` as NodeJS.Signals;
const isRunning = (pid: number) =>
  existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
/** Whether a process has a listener for a signal. */
const listensTo = (pid: number, signal: string) => {
  const [, mask = '0'] = /^SigCgt:\s*(\S+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[nameOf(signal)] - 1)) & 1n) === 1n;
};
const said = (agent: AgentProcess) =>
  agent.stderr.split('\n').filter((line) => line.startsWith('sse-tail: ') && !line.includes('http'));

describe.each(places)('on %s', (_, flags) => {
  it('a command gets every signal, once, and nothing else', async () => {
    using folder = temporaryFolder();
    const traps = passedOn.map((signal) => `trap "echo got ${signal}" ${signal};`).join(' ');
    const script = `${traps} echo ready; until test -e go; do sleep 0.02; done; exit 5`;
    await using agent = startAgent(folder.path, [...flags, '--', 'sh', '-c', script]);
    await until('the command', () => agent.stdout.includes('ready'));
    for (const signal of passedOn) {
      agent.child.kill(nameOf(signal));
      await until(signal, () => agent.stdout.includes(`got ${signal}\n`) || agent.stdout.includes(`got ${signal}\r\n`));
    }
    writeFileSync(folder.file('go'), '');
    expect(await agent.ended()).toEqual({ code: 5, signal: null });
    const got = agent.stdout
      .replaceAll('\r', '')
      .split('\n')
      .filter((line) => line.startsWith('got '));
    expect(got).toEqual(passedOn.map((signal) => `got ${signal}`));
    expect(said(agent)).toEqual([]);
  });

  it('a command that cleans up after SIGTERM has all the time it takes, however often it is told', async () => {
    using folder = temporaryFolder();
    const script = 'trap "echo told" TERM INT; echo ready; until test -e go; do sleep 0.02; done; echo saved; exit 0';
    await using agent = startAgent(folder.path, [...flags, '--', 'sh', '-c', script]);
    await until('the command', () => agent.stdout.includes('ready'));
    const count = () => agent.stdout.split('told').length - 1;
    for (let times = 1; times <= 3; times++) {
      agent.child.kill(times === 2 ? 'SIGINT' : 'SIGTERM');
      await until('the signal', () => count() === times);
    }
    writeFileSync(folder.file('go'), '');
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
    expect(agent.stdout).toContain('saved');
  });

  it.each(['HUP', 'INT', 'QUIT', 'TERM', 'USR1', 'KILL', 'SEGV', 'PIPE'])(
    'who wraps a command that dies of SIG%s dies of it, too, and leaves no core file',
    async (signal) => {
      using folder = temporaryFolder();
      const limits = 'ulimit -c unlimited';
      const script = `ulimit -c 0; kill -${signal} $$`;
      await using agent = startAgent(folder.path, ['-q', ...flags, '--', 'sh', '-c', script], { limits });
      expect(await agent.ended()).toEqual({ code: null, signal: nameOf(signal) });
      expect(execFileSync('ls', [folder.path], { encoding: 'utf8' })).not.toContain('core');
    },
  );

  it.each(['HUP', 'INT', 'USR1', 'USR2'])(
    'SIG%s before the command runs: it never does, and sse-tail dies of the signal',
    async (signal) => {
      using folder = temporaryFolder();
      const fifo = folder.file('token');
      execFileSync('mkfifo', [fifo]);
      // The token is waited for before anything else is begun.
      const args = [...flags, '--token-file', fifo, '--', 'touch', folder.file('ran')];
      await using agent = startAgent(folder.path, args);
      await until('a listener', () => listensTo(agent.child.pid as number, 'ALRM'));
      agent.child.kill(nameOf(signal));
      // Somebody else opens it, which waits for a reader, and as long as there is none nobody could end this test.
      const script = 'printf %s "$0" >"$1"';
      await run('sh', ['-c', script, 'x'.repeat(32), fifo], { timeout: 30_000, killSignal: 'SIGKILL' });
      expect(await agent.ended()).toEqual({ code: null, signal: nameOf(signal) });
      expect(existsSync(folder.file('ran'))).toBe(false);
    },
  );

  it.each(ending)('SIG%s after the end: the page is given up, with the exit code of the command', async (signal) => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--linger', '5m', ...flags, '--', 'sh', '-c', 'exit 3']);
    const url = await agent.url();
    await until('the end', () => hasExited(url));
    for (const other of ['SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const) agent.child.kill(other);
    expect((await fetch(`${url}status`)).status).toBe(200);
    agent.child.kill(nameOf(signal));
    expect(await agent.ended()).toEqual({ code: 3, signal: null });
  });

  it("a shell's command line leaves nothing behind", async () => {
    using folder = temporaryFolder();
    const text = 'echo $$; sleep 61.5 & echo $!; sh -c "echo \\$\\$; sleep 61.5; true" && echo never';
    await using agent = startAgent(folder.path, [...flags, '-c', text]);
    const pids = () =>
      agent.stdout
        .split(/\s+/)
        .filter((word) => /^\d+$/.test(word))
        .map(Number);
    await until('the processes', () => pids().length === 3);
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: null, signal: 'SIGTERM' });
    await until('the end of all of them', () => !pids().some(isRunning));
    expect(agent.stdout).not.toContain('never');
  });

  it('is stopped and continued with its command', async () => {
    using folder = temporaryFolder();
    const script = 'echo $$ >pid; until test -e go; do sleep 0.02; done';
    await using agent = startAgent(folder.path, [...flags, '--', 'sh', '-c', script]);
    const command = toldPid(await until('the command', () => wholeLine(folder.file('pid'))));
    const stateOf = (pid: number) => /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    // By SIGSTOP, which nobody can pass on, sse-tail alone is stopped; by SIGCONT to it both go on.
    process.kill(command, 'SIGSTOP');
    await until('its stop', () => stateOf(command) === 'T');
    agent.child.kill('SIGCONT');
    await until('both to go on', () => stateOf(command) !== 'T' && stateOf(agent.child.pid as number) !== 'T');
    writeFileSync(folder.file('go'), '');
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
  });
});

/** The first line of a file, which may be there before it says anything. */
function wholeLine(path: string): string | undefined {
  return existsSync(path) ? /^.*\n/.exec(readFileSync(path, 'utf8'))?.[0] : undefined;
}

describe('a signal to the whole process group', () => {
  it.each(['INT', 'TERM', 'USR1'])('SIG%s reaches the command once', async (signal) => {
    using folder = temporaryFolder();
    // The signal ends a sleep as well, and what a loop did last is its status.
    const script = `trap "echo got" ${signal}; echo ready; until test -e go; do sleep 0.02; done; exit 0`;
    await using terminal = startAtTerminal(folder.path, `exec $sse_tail --linger 0s -- sh -c '${script}'`);
    await until('the command', () => terminal.text.includes('ready'));
    for (let times = 1; times <= 3; times++) {
      process.kill(-terminal.pid, nameOf(signal));
      await until('the signal', () => terminal.text.split('got').length > times);
    }
    writeFileSync(folder.file('go'), '');
    expect((await terminal.ended()).code).toBe(0);
    expect(terminal.text.split('got').length - 1).toBe(3);
  });

  it('and the same at a terminal to sse-tail alone is passed on', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('said'), 'ready\n');
    await using terminal = startAtTerminal(folder.path, 'exec $sse_tail -- tail -f said');
    await until('the command', () => terminal.text.includes('ready'));
    terminal.kill('SIGINT');
    expect(await terminal.ended()).toEqual({ code: null, signal: 'SIGINT' });
  });

  it('Ctrl-C stops the script around it', async () => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('said'), 'ready\n');
    writeFileSync(folder.file('script'), '$sse_tail -- tail -f said\necho went on\n');
    await using terminal = startAtTerminal(folder.path, 'bash script');
    await until('the command', () => terminal.text.includes('ready'));
    await terminal.type('\x03');
    expect(await terminal.ended()).toEqual({ code: null, signal: 'SIGINT' });
    expect(terminal.text).not.toContain('went on');
  });
});

describe('a hang-up', () => {
  it.each([
    ['nohup', '$nohup'],
    ['nohup in the place of its shell', 'exec $nohup'],
    ["trap '' HUP", 'trap "" HUP; $plain; exit'],
  ])('%s: the run survives it, with its command', async (_, start) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('command'), 'echo >began; until test -e go; do sleep 0.02; done; echo end >end');
    const plain = '$sse_tail -q -- sh command';
    const script = start.replace('$nohup', `nohup ${plain}`).replace('$plain', plain);
    writeFileSync(folder.file('start'), `${script}\n`);
    await using terminal = startAtTerminal(folder.path, 'exec sh start >out 2>&1');
    await until('the command', () => existsSync(folder.file('began')));
    const url = await until('the URL', () => /http:\S+/.exec(readFileSync(folder.file('out'), 'utf8'))?.[0]);
    await terminal.hangUp();
    // What it does about the signal, it has begun before it answers.
    for (let times = 0; times < 3; times++) expect((await fetch(`${url}status`)).status).toBe(200);
    writeFileSync(folder.file('go'), '');
    await until('the end of the command', () => existsSync(folder.file('end')));
    await until('the end of sse-tail', () => !runsIn(folder.path));
  });
});

/** Whether any process has this directory as its own. */
function runsIn(dir: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === dir;
    } catch {
      return false;
    }
  });
}

describe('a command that may not be signalled', () => {
  it('is reported, and the second signal ends sse-tail alone', async (context) => {
    if (process.getuid?.() !== 0 || spawnSync('setpriv', ['--version']).status !== 0)
      return context.skip('needs root and setpriv');
    using folder = temporaryFolder();
    // The command becomes root's as with sudo, the agent has given that up: here the other way round, by capabilities.
    const pidFile = folder.file('pid');
    const script = `echo $$ >${pidFile}; exec sleep 60`;
    execFileSync('chmod', ['777', folder.path]);
    const drop = ['--reuid=54321', '--regid=54321', '--clear-groups'];
    execFileSync('cp', [execFileSync('which', ['setpriv'], { encoding: 'utf8' }).trim(), folder.file('becomes-root')]);
    execFileSync('chmod', ['4755', folder.file('becomes-root')]);
    await using agent = startAgent(folder.path, ['--', folder.file('becomes-root'), '--reuid=0', 'sh', '-c', script], {
      as: drop,
    });
    const pid = toldPid(await until('the command', () => wholeLine(pidFile)));
    agent.child.kill('SIGTERM');
    await until('a sentence', () => agent.stderr.includes('as another user'));
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: null, signal: 'SIGTERM' });
    process.kill(pid, 'SIGKILL');
  });
});

describe("Node's debugger", () => {
  /** Node itself can be told to open it for some milliseconds, before it runs any program. */
  it('is opened by no signal once the program runs, and closed if it was before', async () => {
    using folder = temporaryFolder();
    const file = folder.file('a.log');
    writeFileSync(file, '');
    await using agent = startAgent(folder.path, [file], { mayComplain: true });
    await until('Node', () => listensTo(agent.child.pid as number, 'USR1'));
    const url = await until('the page', () => {
      agent.child.kill('SIGUSR1');
      return /http:\S+/.exec(agent.stderr)?.[0];
    });
    agent.child.kill('SIGUSR1');
    expect((await fetch(`${url}status`)).status).toBe(200);
    expect(portsOf(agent.child.pid as number)).toEqual([Number(new URL(url).port)]);
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: 0, signal: null });
  });
});

/** Ports at which a process listens, as proc(5) has them in `net/tcp`. */
function portsOf(pid: number): number[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  const listening = rows.map((row) => row.trim().split(/\s+/)).filter(([, , , state]) => state === '0A');
  return listening
    .filter((fields) => sockets.includes(`socket:[${fields[9]}]`))
    .map(([, address = '']) => Number.parseInt(address.split(':')[1] ?? '', 16));
}
