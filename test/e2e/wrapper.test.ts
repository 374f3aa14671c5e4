import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startAtTerminal } from '../support/agent-terminal.ts';
import { program } from '../support/built-program.ts';
import { until, within } from '../support/deadline.ts';
import { mountSmallDisk } from '../support/disk.ts';
import { freePort } from '../support/free-port.ts';
import { helloFrom } from '../support/hello.ts';
import { sweepOf } from '../support/sweep.ts';
import { execFileSync } from '../support/sync-child.ts';

/** Runs a bash script in which `sse_tail` is the program; resolves with what it prints and its exit code. */
async function bash(dir: string, script: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn('bash', ['-c', script], {
    cwd: dir,
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      SSE_TAIL_DIR: join(dir, 'logs'),
      SSE_TAIL_PORT: '0',
      sse_tail: `${process.execPath} ${program}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
  });
  const [code, signal] = await within('the end of bash', once(child, 'close'));
  const said = stderr.split('\n').filter((line) => line !== '' && !line.includes('http'));
  return { stdout, said, code: code as number | null, signal: signal as NodeJS.Signals | null };
}

describe.each([
  ['pipes', ''],
  ['a pseudo-terminal', '--tty '],
])('what a command inherits, on %s', (_, flags) => {
  it('the limit of open files, functions of bash and all other variables', async () => {
    using folder = temporaryFolder();
    const inner = 'ulimit -S -n; ulimit -H -n; greet; env | grep ^odd';
    const script = `greet() { echo hello; }; export -f greet; ulimit -S -n 777; ulimit -H -n 5000
      env odd.name=1 $sse_tail ${flags}-- bash -c '${inner}'; exit`;
    expect((await bash(folder.path, script)).stdout.replaceAll('\r', '')).toBe('777\n5000\nhello\nodd.name=1\n');
  });

  it('what is ignored under nohup', async () => {
    using folder = temporaryFolder();
    const inner = 'grep SigIgn /proc/self/status; ulimit -S -n; greet';
    const script = `greet() { echo hello; }; export -f greet; ulimit -S -n 777; ulimit -H -n 5000
      nohup $sse_tail ${flags}-- bash -c '${inner}'; exit`;
    const [mask, ...rest] = (await bash(folder.path, script)).stdout.replaceAll('\r', '').trim().split('\n');
    expect(mask).toMatch(/1$/);
    expect(rest).toEqual(['777', 'hello']);
  });
});

it.each(['', '--tty '])(
  'descriptors that a command inherits: a lock, a jobserver, whatever is open %s',
  async (flags) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('text'), 'from five\n');
    writeFileSync(folder.file('Makefile'), `all:\n\t+@$(sse_tail) -q --save out ${flags}-- $(MAKE) -f inner\n`);
    writeFileSync(folder.file('inner'), 'all: a b\na b:\n\t@echo $@\n');
    const script = `exec 8>lock; flock 8; $sse_tail ${flags}-- sh -c 'cat <&5; cat <&3; echo to nine >&9; echo >&4; flock -n 8 && echo locked' 3</dev/null 4>/dev/null 5<text 9>nine
    make -j3 && cat out`;
    const { stdout: printed, said } = await bash(folder.path, script);
    const stdout = printed.replaceAll('\r', '');
    expect(stdout.split('\n').slice(0, 2)).toEqual(['from five', 'locked']);
    expect(readFileSync(folder.file('nine'), 'utf8')).toBe('to nine\n');
    expect(stdout).toMatch(/^[ab]$/m);
    expect(`${stdout}${said}`).not.toContain('warning');
  },
);

it('a pipe that is shared with a neighbor stays as it is, and the neighbor loses nothing', async () => {
  using folder = temporaryFolder();
  const script = `mkfifo pipe; { until test -e go; do sleep 0.02; done; cat >got; } <pipe & exec 7>pipe
    $sse_tail -- sh -c 'echo started >began; until test -e go; do sleep 0.02; done' >&7 2>&7 & agent=$!
    until test -e began; do sleep 0.02; done
    grep flags: /proc/self/fdinfo/7; (sleep 0.3; touch go) & seq 100000 >&7; echo "neighbor $?"
    wait $agent; grep flags: /proc/self/fdinfo/7; exec 7>&-; wait; grep -c '^[0-9]*$' got`;
  const { stdout } = await bash(folder.path, script);
  const [before = '', neighbor, after, lines] = stdout.trim().split('\n');
  expect({ neighbor, lines }).toEqual({ neighbor: 'neighbor 0', lines: '100000' });
  expect(after).toBe(before);
  // O_NONBLOCK
  expect(Number.parseInt(before.split(/\s+/)[1] as string, 8) & 0o4000).toBe(0);
});

it('standard input of a command stays as it is', async () => {
  using folder = temporaryFolder();
  const script = `{ sleep 0.3; echo late; } | $sse_tail -- sh -c 'grep flags: /proc/self/fdinfo/0; cat'`;
  const [flags = '', text] = (await bash(folder.path, script)).stdout.split('\n');
  expect(Number.parseInt(flags.split(/\s+/)[1] as string, 8) & 0o4000).toBe(0);
  expect(text).toBe('late');
});

describe('stdout and stderr to the same place', () => {
  const scripts = [
    ['lines in turn, at once', 'echo 1; echo 2 >&2; echo 3; echo 4 >&2'],
    ['sh -x', 'set -x; echo alpha; ls /nonexistent; echo beta'],
    ['pauses', 'for i in 1 3 5 7 9; do echo $i; echo $((i+1)) >&2; sleep 0.02; done'],
    ['lines in turn, many', 'i=0; while [ $i -lt 60 ]; do echo $((i+=1)); echo $((i+=1)) >&2; done'],
  ] as const;

  // Two pipes have no common order: how often it is that of the writes test/integration/piped-command.test.ts counts.
  it.each(scripts)('come whole, and in one order here and in the log: %s', async (_, script) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('script'), script);
    const bare = (await bash(folder.path, 'sh script 2>&1')).stdout;
    const run = '$sse_tail --name log -- sh script >both 2>&1; grep -v http both; $sse_tail cat log >logged; exit';
    const { stdout } = await bash(folder.path, run);
    expect(stdout.split('\n').sort()).toEqual(bare.split('\n').sort());
    expect(readFileSync(folder.file('logged'), 'utf8')).toBe(stdout);
  });

  it('come in the order in which they were written where each waits until the one before has come', async () => {
    using folder = temporaryFolder();
    const after = (line: number) => `until grep -qx ${line} both; do sleep 0.01; done`;
    const script = [1, 2, 3, 4, 5, 6].map((line) => `echo ${line}${line % 2 ? '' : ' >&2'}; ${after(line)}`);
    writeFileSync(folder.file('script'), script.join('\n'));
    const run = '$sse_tail --name log -- sh script >both 2>&1; grep -v http both; $sse_tail cat log';
    expect((await bash(folder.path, run)).stdout).toBe('1\n2\n3\n4\n5\n6\n'.repeat(2));
  });
});

describe('an output that can not be written', () => {
  const sources = [
    ['a command', `$sse_tail --linger 0s -- sh -c 'seq 5; echo word >&2; seq 6 9'`],
    ['standard input', '{ seq 9; } | $sse_tail --linger 0s'],
  ] as const;

  it.each(sources)('stdout of %s on a full device: a sentence, exit code 1, and the log has it all', async (_, run) => {
    using folder = temporaryFolder();
    const { said, code } = await bash(folder.path, `${run} >/dev/full`);
    expect(code).toBe(1);
    expect(said.filter((line) => line.startsWith('sse-tail:'))).toEqual([
      expect.stringMatching(/standard output.*the disk is full \(ENOSPC\)/),
    ]);
    const log = await bash(
      folder.path,
      '$sse_tail cat "$($sse_tail logs --json | grep -o \'"id": "[^"]*' + '\' | cut -d\\" -f4)"',
    );
    expect(log.stdout.split('\n')).toEqual(expect.arrayContaining(['1', '5', '6', '9']));
  });

  it('stderr of a command on a full device: exit code 1; the exit code of a command that failed itself stays', async () => {
    using folder = temporaryFolder();
    const failing = (code: number) => `$sse_tail -- sh -c 'echo word >&2; exit ${code}' 2>/dev/full`;
    expect((await bash(folder.path, failing(0))).code).toBe(1);
    expect((await bash(folder.path, failing(7))).code).toBe(7);
  });

  it('a subcommand says so, and its exit code is that of an error, to grep 2; a reader that has left ends it with 141', async () => {
    using folder = temporaryFolder();
    const subcommands = ['logs', 'logs --json', 'cat log', 'export log', '--help', '--version', 'completions zsh'];
    const all = [...subcommands, 'grep .', 'grep -c .', 'grep --json .'];
    const tries = all.map((words) => `$sse_tail ${words} >/dev/full; echo $?; $sse_tail ${words} >&9; echo $?`);
    const script = `exec 9> >(exec <&-); wait $!; $sse_tail -q --name log -- echo line 9>&-; ${tries.join('; ')}`;
    const { stdout, said } = await bash(folder.path, script);
    expect(stdout.split('\n').slice(0, -1)).toEqual(
      all.flatMap((words) => [words.startsWith('grep') ? '2' : '1', '141']),
    );
    expect(said).toEqual(all.map(() => "sse-tail: The output can't be written: the disk is full (ENOSPC)."));
  });

  const printing = `sh -c 'echo out; echo err >&2; for i in $(seq $times); do sleep 0.3; echo out2; echo err2 >&2; done'`;
  /** What reads, and the descriptors that it writes lines to. */
  const readers: Record<string, { run: string; writes: string[] }> = {
    pipes: { run: `$sse_tail --linger 0s --name log -- ${printing}`, writes: ['1', '2'] },
    'a pseudo-terminal': { run: `$sse_tail --linger 0s --name log --tty -- ${printing}`, writes: ['1'] },
    'standard input': { run: `${printing} 2>&1 | $sse_tail --linger 0s --name log`, writes: ['1'] },
  };
  const faults: Record<string, (descriptor: string) => string> = {
    'a full device': (descriptor) => `${descriptor}>/dev/full`,
    'closed from the start': (descriptor) => `${descriptor}>&-`,
    'a pipe whose reader has left': (descriptor) => `${descriptor}>&9`,
  };
  /** Descriptor 9 is a pipe that nobody reads any more. */
  const leftPipe = 'exec 9> >(exec <&-); wait $!; ';
  const sweep = sweepOf({
    reader: Object.keys(readers),
    fault: Object.keys(faults),
    descriptors: ['1', '2', '1 2'],
  });

  it.concurrent.each(sweep)('$reader, descriptor $descriptors is $fault', async ({ reader, fault, descriptors }) => {
    using folder = temporaryFolder();
    const { run, writes } = readers[reader] as (typeof readers)[string];
    const isMet = descriptors.split(' ').some((descriptor) => writes.includes(descriptor));
    const redirections = descriptors.split(' ').map((descriptor) => faults[fault]?.(descriptor));
    const isFull = isMet && fault === 'a full device';
    // As in any pipeline: SIGPIPE ends a command, and what writes to standard input.
    const isEnded = isMet && fault === 'a pipe whose reader has left';
    const isKilled = isEnded && reader !== 'standard input';
    // One that is to be ended must not have come to its own end before.
    const script = `export times=${isKilled ? 80 : 1}; ${leftPipe}${run} ${redirections.join(' ')} 9>&-; exit $?`;
    const { said, code } = await bash(folder.path, script);
    expect(code).toBe(isFull ? 1 : isKilled ? 141 : 0);
    const sentences = said.filter((line) => line.startsWith('sse-tail:'));
    const isSayable = isFull && descriptors === '1';
    expect(sentences).toEqual(isSayable ? [expect.stringContaining('standard output: the disk is full (ENOSPC)')] : []);
    if (isEnded) return;
    const { stdout } = await bash(folder.path, '$sse_tail cat --strip log');
    expect(stdout.split('\n').sort()).toEqual(['', 'err', 'err2', 'out', 'out2']);
  });

  it('a disk that becomes full: the command runs to its end', async (context) => {
    using disk = mountSmallDisk(64 * 1024);
    if (disk === undefined) return context.skip('needs the right to mount');
    using folder = temporaryFolder();
    const script = `$sse_tail -- sh -c 'seq 100000; echo deployed >done' >${disk.path}/out`;
    expect((await bash(folder.path, script)).code).toBe(1);
    expect(readFileSync(folder.file('done'), 'utf8')).toBe('deployed\n');
  });

  it('a reader that has left (EPIPE) ends a command by SIGPIPE, and nothing is said', async () => {
    using folder = temporaryFolder();
    const { stdout, said } = await bash(folder.path, '$sse_tail -- yes | head -n 1; echo $PIPESTATUS');
    expect({ stdout, said }).toEqual({ stdout: 'y\n141\n', said: [] });
  });

  it('a terminal that is gone (EIO) does not end a command that was told to survive it', async () => {
    using folder = temporaryFolder();
    const inner = 'trap "" HUP; echo started; until test -e go; do sleep 0.02; done; echo more; echo end >end';
    await using terminal = startAtTerminal(folder.path, `trap "" HUP; $sse_tail -- sh -c '${inner}'; exit`);
    await until('the command', () => terminal.text.includes('started'));
    await terminal.hangUp();
    writeFileSync(folder.file('go'), '');
    await terminal.ended();
    expect(readFileSync(folder.file('end'), 'utf8')).toBe('end\n');
  });

  it.each([
    ['a directory', '$sse_tail </', 1, /Standard input can't be read: it is a directory \(EISDIR\)/],
    ['nothing, for a file that ends at once', '$sse_tail </dev/null', 0, undefined],
  ])('standard input that is %s', async (_, script, code, sentence) => {
    using folder = temporaryFolder();
    const outcome = await bash(folder.path, script);
    expect(outcome.code).toBe(code);
    expect(outcome.said).toEqual(sentence === undefined ? [] : [expect.stringMatching(sentence)]);
  });
});

describe('surroundings that lack something', () => {
  it.each([
    ['TMPDIR is missing', 'TMPDIR=/nonexistent $sse_tail -- echo ran'],
    ['TMPDIR is a file', 'TMPDIR=/etc/passwd $sse_tail -- echo ran'],
    ['no mkfifo and no stty', 'PATH=$PWD/bin $sse_tail -- echo ran'],
    ['no PATH', '(unset PATH; $sse_tail -- /bin/echo ran)'],
    ['the current directory is removed', 'mkdir gone; cd gone; rmdir ../gone; $sse_tail -- /bin/echo ran'],
    ['the current directory is removed, --tty', 'mkdir gone; cd gone; rmdir ../gone; $sse_tail --tty -- /bin/echo ran'],
    ['standard input is closed', '$sse_tail -- echo ran <&-'],
    ['standard error is closed', '$sse_tail -- echo ran 2>&-'],
    ['HOME is missing', 'env -u HOME $sse_tail -- echo ran'],
  ])('%s: the command runs', async (_, script) => {
    using folder = temporaryFolder();
    mkdirSync(folder.file('bin'));
    symlinkSync('/bin/echo', folder.file('bin/echo'));
    const { stdout, code, said } = await bash(folder.path, script);
    expect({ stdout: stdout.trim(), code, said }).toEqual({ stdout: 'ran', code: 0, said: [] });
  });

  // Where it can't get on the journal is waited for.
  const limited = (dir: string, limit: number, script: string) =>
    bash(dir, `ulimit -n ${limit}; ${script.replace('$sse_tail', 'timeout -s KILL 10 $sse_tail')}`, {
      SSE_TAIL_DIR: join(dir, String(limit)),
    });
  /** The first number of descriptors with which it says anything. */
  let least = 12;

  beforeAll(async () => {
    using folder = temporaryFolder();
    while ((await limited(folder.path, least, '$sse_tail --version')).code !== 0) least++;
    expect(least).toBeLessThan(60);
  });

  it.each([
    { way: '$sse_tail -- echo ran', program: 'echo' },
    { way: '$sse_tail --tty -- echo ran', program: undefined },
    { way: 'echo ran | $sse_tail', program: undefined },
  ])(
    'any number of descriptors with which it starts: $way runs, or is refused by a sentence',
    async ({ way, program }) => {
      using folder = temporaryFolder();
      const limits = Array.from({ length: 14 }, (_, at) => least + at);
      const refusals: string[] = [];
      for (; limits.length > 0; ) {
        await Promise.all(
          limits.splice(0, 3).map(async (limit) => {
            const { said, code, stdout } = await limited(folder.path, limit, way);
            // It may wait for a journal that can't be opened until it is killed, of which bash tells.
            const others = said.filter(
              (line) => !/^sse-tail: (?!.*Error: ).*\.$|^(?:bash: line \d+:)? +\d+ (?:Done|Killed) /.test(line),
            );
            expect({ limit, others }).toEqual({ limit, others: [] });
            expect([0, 1, 126, 137]).toContain(code);
            if (code === 0) expect(stdout.trim()).toBe('ran');
            if (code === 126) refusals.push(...said);
          }),
        );
      }
      const sentence = `sse-tail: '${program}' can't be run: too many files are open in this process (EMFILE).`;
      if (program !== undefined) expect(refusals).toContain(sentence);
    },
  );

  it('no home for a user id that nobody knows: one sentence', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs root');
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o777);
    const user = 'setpriv --reuid=54321 --regid=54321 --clear-groups env -u HOME -u SSE_TAIL_DIR';
    const node = await bash(folder.path, `${user} ${process.execPath} --version`);
    if (node.code !== 0) return context.skip(`other users can't run ${process.execPath}`);
    const { said, code } = await bash(folder.path, `${user} $sse_tail -- echo ran`);
    expect(said).toEqual([expect.stringMatching(/^sse-tail: No home directory is known.* --dir/)]);
    expect(code).toBe(2);
  });

  it.each([
    ['on pipes', ''],
    ['on a pseudo-terminal', '--tty '],
  ])('an interpreter that is missing: 127, and it is named, %s', async (_, flags) => {
    using folder = temporaryFolder();
    writeFileSync(folder.file('script'), '#!/opt/none/perl -w\n', { mode: 0o755 });
    const { said, code } = await bash(folder.path, `$sse_tail ${flags}-- ./script`);
    expect(code).toBe(127);
    expect(said).toEqual(["sse-tail: './script' can't be run: its interpreter /opt/none/perl was not found."]);
  });

  it('a command that is not there is said at once, and its line waits for a store that is away', async () => {
    using folder = temporaryFolder();
    const store = `--store nats://127.0.0.1:${await freePort()} --no-serve --linger 1500ms`;
    const { said, code } = await bash(folder.path, `$sse_tail ${store} -- ./nothing`);
    expect(code).toBe(127);
    const [, first = '', second = ''] = said;
    expect(first).toBe(`sse-tail: './nothing' was not found in ${folder.path}.`);
    expect(second).toMatch(/^sse-tail: Waiting until the store has synced every line/);
    expect(said.at(-1)).toBe('sse-tail: The last line is not in the store. The log on this machine has it.');
  });

  it('sentences show a name with control characters harmless, and say why a file is not read', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['a\x1b]0;PWNED\x07b\x9b31m.log']);
    await until('the sentence', () => agent.stderr.includes('waiting'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
    expect(agent.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    expect(agent.stderr).toContain('a\\e]0;PWNED\\x07b\\x9b31m.log');
    expect((await helloFrom(await agent.url())).status.state).toBe('waiting');
  });

  it('the first process of a container says that it needs an init', async (context) => {
    if (process.getuid?.() !== 0) return context.skip('needs root');
    using folder = temporaryFolder();
    const run = (init: string) => bash(folder.path, `unshare -pf --mount-proc ${init} $sse_tail -q -- true`);
    expect((await run('')).said).toEqual([expect.stringMatching(/^sse-tail: .*docker run --init/)]);
    expect((await run('sh -c \'"$@"; exit\' sh')).said).toEqual([]);
  });
});

it('the build leaves a program that can be executed', () => {
  expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toMatch(/^sse-tail \d/);
});
