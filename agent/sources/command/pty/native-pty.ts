import { createRequire } from 'node:module';
import { errorCode, SseTailError } from '../../../words/errors.ts';

/** node-pty's native part (its `src/unix/pty.cc`), built for each platform by @lydell/node-pty-*. */
export interface NativePty {
  /**
   * forkpty(3) and execvp(3), in a session of its own with the pseudo-terminal as controlling terminal.
   * `fd` is the master, non-blocking; `pty` the slave's path. `onExit` gets wait(2)'s exit code and signal.
   */
  fork(
    file: string,
    args: string[],
    env: string[],
    cwd: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    isUtf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string };
  /** openpty(3): both sides, non-blocking, and the slave's path. Children inherit both. */
  open(columns: number, rows: number): { master: number; slave: number; pty: string };
  resize(fd: number, columns: number, rows: number): void;
}

const require = createRequire(import.meta.url);

/** @throws SseTailError kind `usage` where there is none for this platform, or it was not installed */
export function loadNativePty(platform: string = process.platform, arch: string = process.arch): NativePty {
  const name = packageFor(platform, arch);
  try {
    return require(`${name}/pty.node`);
  } catch (cause) {
    const reason =
      errorCode(cause) === 'MODULE_NOT_FOUND'
        ? `the optional package ${name} is not installed`
        : `the package ${name} can't be loaded: ${firstLine(cause)}`;
    throw new SseTailError('usage', `--tty needs a pseudo-terminal, but ${reason}.`, { package: name }, cause);
  }
}

/** The program that macOS needs to start a command on a pseudo-terminal. */
export function spawnHelperPath(): string {
  if (process.platform !== 'darwin') return '';
  return require.resolve(`${packageFor(process.platform, process.arch)}/spawn-helper`);
}

function packageFor(platform: string, arch: string): string {
  return `@lydell/node-pty-${platform}-${arch}`;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
}
