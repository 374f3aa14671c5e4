import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AgentProcess, startAgent, temporaryFolder } from '../support/agent-process.ts';
import { until } from '../support/deadline.ts';
import { execFileSync } from '../support/sync-child.ts';

const runFile = promisify(execFile);

/** Namespaces of its own, in which a user may mount file systems and lower limits. */
const namespaces = ['unshare', '--user', '--map-root-user', '--mount'];

function canUnshare(): boolean {
  try {
    execFileSync(namespaces[0] as string, [...namespaces.slice(1), 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

interface Inside extends AsyncDisposable {
  agent: AgentProcess;
  /** Runs a shell's text where the agent is, with the directory's files as it sees them. Fails as the text does. */
  run(text: string): Promise<unknown>;
  /** Resolves with all lines once this one is among them. */
  has(line: string): Promise<string[]>;
}

/** An agent in namespaces that `prepare` (a shell's text) has set up. */
async function follow(prepare: string, args: string[]): Promise<Inside> {
  const directory = temporaryFolder();
  const inside = [...namespaces, 'sh', '-c', `${prepare} && exec "$0" "$@"`];
  const agent = startAgent(directory.path, ['-n', 'all', ...args], { inside });
  const url = await agent.url();
  const lines = async () => (await (await fetch(`${url}raw`)).text()).split('\n').filter((line) => line !== '');
  await until('sse-tail follows', async () => (await (await fetch(`${url}status`)).text()).includes('"following"'));
  return {
    agent,
    run(text) {
      const into = ['-t', String(agent.child.pid), '--user', '--mount', '--preserve-credentials'];
      const limits = { timeout: 60_000, killSignal: 'SIGKILL' } as const;
      return runFile('nsenter', [...into, 'sh', '-c', `cd '${directory.path}' && { ${text}\n}`], limits);
    },
    has: (line) => until(`the line ${line}`, async () => ((await lines()).includes(line) ? lines() : undefined)),
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      directory[Symbol.dispose]();
    },
  };
}

const visible = (lines: string[]) => lines.filter((line) => !line.startsWith('[sse-tail: '));

describe.skipIf(process.platform !== 'linux' || !canUnshare()).concurrent('what is special about file systems', () => {
  it('on an overlay a file is the lower one until it is first written to', async () => {
    const prepare = [
      'mkdir layers merged && mount -t tmpfs layers layers && mkdir layers/lower layers/upper layers/work',
      'echo "from the image" > layers/lower/app.log && : > layers/lower/empty.log',
      'mount -t overlay overlay -o lowerdir=layers/lower,upperdir=layers/upper,workdir=layers/work merged',
    ].join(' && ');
    await using inside = await follow(prepare, ['merged/app.log', 'merged/empty.log']);
    await inside.run('echo "line 1" >> merged/app.log');
    await inside.has('line 1');
    await inside.run('echo e1 >> merged/empty.log');
    await inside.has('e1');
    await inside.run('mv merged/app.log merged/app.log.1; echo "line 2" > merged/app.log');
    expect(visible(await inside.has('line 2'))).toEqual(['from the image', 'line 1', 'e1', 'line 2']);
  });

  it('a volume is freed some seconds after the file was removed, and another one may take its place', async () => {
    const prepare = 'mkdir vol && mount -t tmpfs one vol && echo first > vol/app.log';
    await using inside = await follow(prepare, ['vol/app.log']);
    await expect(inside.run('umount vol')).rejects.toThrow('busy');
    await inside.run('rm vol/app.log');
    await inside.run('until umount vol 2>/dev/null; do sleep 0.1; done');
    await inside.run('mount -t tmpfs two vol && echo second > vol/app.log');
    await inside.has('second');
    await inside.run('umount -l vol; mount -t tmpfs three vol && echo third > vol/app.log');
    expect(visible(await inside.has('third'))).toEqual(['first', 'second', 'third']);
    const held = () => openFiles(inside.agent).filter((file) => file.endsWith('/app.log')).length;
    await until('the file of the volume that was taken away is closed', () => held() === 1);
  });

  it.each([
    ['max_inotify_watches', 2, 'fs.inotify.max_user_watches'],
    ['max_inotify_instances', 0, 'fs.inotify.max_user_instances'],
  ])('with %s %d, the terminal names the limit, and new files come all the same', async (limit, most, name) => {
    const prepare = `echo ${most} > /proc/sys/user/${limit} && mkdir -p tree/1 tree/2 tree/3 && echo a > tree/1/a.log`;
    await using inside = await follow(prepare, ['-r', './tree']);
    await until('the limit is named', () => inside.agent.stderr.includes(name));
    await inside.run('echo b > tree/3/b.log; mkdir tree/4; echo c > tree/4/c.log');
    await inside.has('b');
    await inside.has('c');
    await inside.run('echo more >> tree/4/c.log');
    expect(visible(await inside.has('more')).sort()).toEqual(['a', 'b', 'c', 'more']);
  });

  it('a file of /proc that is another one whenever it is read, and has no size, is no flood', async () => {
    using directory = temporaryFolder();
    await using agent = startAgent(directory.path, ['/proc/uptime']);
    const url = await agent.url();
    const text = async () => (await fetch(`${url}raw`)).text();
    await until('a line', async () => /^\d+\.\d\d \d+\.\d\d$/m.test(await text()));
    const startedAt = performance.now();
    await until('two seconds have passed', () => performance.now() - startedAt > 2000);
    expect((await text()).split('\n').length).toBeLessThan(10);
  });
});

function openFiles({ child }: AgentProcess): string[] {
  const directory = `/proc/${child.pid}/fd`;
  return readdirSync(directory).map((fd) => {
    try {
      return readlinkSync(`${directory}/${fd}`);
    } catch {
      return 'closed meanwhile';
    }
  });
}
