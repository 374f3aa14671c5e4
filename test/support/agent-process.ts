import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from './built-program.ts';
import { until, within } from './deadline.ts';

/**
 * The built program as its own process, with an empty state dir unless told otherwise. Its disposal ends it, and fails
 * when something went wrong inside that it didn't expect.
 */
export interface AgentProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** Where its page is, once it has said so. */
  url(): Promise<string>;
  /** Resolves when it has ended and its output is read. */
  ended(deadlineMs?: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

export interface AgentProcessOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to standard input, which is then closed; without it standard input is empty. */
  input?: string;
  /** What a shell sets before it starts: `ulimit -n 64`. */
  limits?: string;
  /** Options of Node's own. */
  node?: readonly string[];
  /** Another user, as options of setpriv(1). */
  as?: string[];
  /** A program that makes namespaces for it and runs it in its own place, with its options: unshare(1). */
  inside?: string[];
  /** Errors that are reported, warnings and crashes are what the test is about, and don't fail it. */
  mayComplain?: boolean;
}

/** A folder for a test's files, removed by the test's disposal. */
export function temporaryFolder(): Disposable & { path: string; file(name: string): string } {
  const path = mkdtempSync(join(tmpdir(), 'sse-tail-test-'));
  return {
    path,
    file: (name) => join(path, name),
    // A process that a test has ended may be writing its last file.
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
}

export function startAgent(stateDir: string, args: string[], options: AgentProcessOptions = {}): AgentProcess {
  const argv = [
    ...(options.as === undefined ? [] : ['setpriv', ...options.as]),
    ...(options.inside ?? []),
    process.execPath,
    ...(options.node ?? []),
    program,
    ...args,
  ];
  const { limits } = options;
  const [command, ...rest] = limits === undefined ? argv : ['/bin/sh', '-c', `${limits}; exec "$0" "$@"`, ...argv];
  const child = spawn(command as string, rest, {
    cwd: options.cwd ?? stateDir,
    env: {
      PATH: process.env.PATH,
      HOME: stateDir,
      SSE_TAIL_DIR: join(stateDir, 'logs'),
      SSE_TAIL_PORT: '0',
      ...options.env,
    },
    stdio: 'pipe',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  if (options.input !== undefined) child.stdin.end(options.input);
  else if (!args.includes('-')) child.stdin.end();
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;

  return {
    child,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    url() {
      return until('the URL on stderr', () => {
        const url = /https?:\/\/\S+(?=\s)/.exec(stderr)?.[0];
        if (url === undefined && child.exitCode !== null) throw new Error(`sse-tail has ended: ${stderr}`);
        return url;
      });
    },
    async ended(deadlineMs) {
      const [code, signal] = await within('the end of sse-tail', closed, deadlineMs);
      return { code, signal };
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await within('the end of sse-tail, and of whatever else holds its output', closed);
      if (!options.mayComplain) refuseComplaints(stderr);
    },
  };
}

/** @throws Error when sse-tail met what nobody expected, as it shows in what it printed */
export function refuseComplaints(text: string): void {
  const complaint = complaints.find((pattern) => pattern.test(text));
  if (complaint !== undefined) throw new Error(`sse-tail met what nobody expected (${complaint}):\n${text}`);
}

/**
 * What stderr holds after an exception or rejection that nobody caught (the first line of it, too: the rest may never
 * be printed where it is killed meanwhile), a warning of Node's, an error in a request.
 */
const complaints = [
  /^(?:file:\/\/\/|node:)\S+:\d+\r?$/m,
  /^Node\.js v\d/m,
  /^\(node:\d+\) /m,
  /^sse-tail: A request could not be answered/m,
];
