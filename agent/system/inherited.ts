import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { rawText } from '../words/raw-text.ts';

/**
 * What this process was started with and a command would have without it, as far as Node leaves a trace: at its start
 * it makes ignored signals deadly again, raises the number of files that may be open, and shuts its children out of
 * other descriptors.
 */
export interface Inherited {
  /** Signals that whoever started this process had it ignore. */
  readonly ignoredSignals: ReadonlySet<NodeJS.Signals>;
  /** How many files might be open (the soft limit of RLIMIT_NOFILE), where Node has raised that. */
  readonly openFiles: number | undefined;
  /**
   * Descriptors beside 0, 1 and 2 that children would not get: a jobserver of make, a lock of flock(1), a socket of
   * systemd.
   */
  readonly descriptors: readonly number[];
}

/** `O_CLOEXEC` and `O_NONBLOCK`, as proc(5) shows them in fdinfo. */
const closedInChildren = 0o2000000;
const nonBlocking = 0o4000;
/** `O_ACCMODE` and `O_WRONLY`. */
const accessMode = 3;
const writeOnly = 1;

/** Read once, before this process opens anything: there is one start. */
export const inherited: Inherited = {
  ignoredSignals: new Set(isHangUpIgnored() ? ['SIGHUP'] : []),
  openFiles: loweredLimit(),
  descriptors: foreignDescriptors(),
};

/**
 * bash and zsh say in `_` what they ran (nohup), but not where they `exec` it, and dash never does. In place of a
 * terminal nohup has a standard input that can only be written. And who ignores SIGHUP and does not run commands
 * interactively passes that on (`trap '' HUP`). Of other signals nothing can be known: a shell ignores some for itself
 * only.
 */
function isHangUpIgnored(): boolean {
  if (basename(process.env._ ?? '') === 'nohup' || hasInputOfNohup()) return true;
  const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(read(`/proc/${process.ppid}/status`)) ?? [];
  return (BigInt(`0x${mask}`) & 1n) === 1n;
}

function hasInputOfNohup(): boolean {
  const [, flags = '0'] = /^flags:\s*(\d+)$/m.exec(read('/proc/self/fdinfo/0')) ?? [];
  return (Number.parseInt(flags, 8) & accessMode) === writeOnly && targetOf('/proc/self/fd/0') === '/dev/null';
}

/** Node's is as high as it may be; who started it has, as a rule, the limit that it gave it. */
function loweredLimit(): number | undefined {
  const own = openFilesOf('self');
  const given = openFilesOf(process.ppid);
  return own !== undefined && given?.hard === own.hard && given.soft < own.soft ? given.soft : undefined;
}

/** How many files this process may have open, `ulimit -n`; infinite where it can't be known. */
export function openFileLimit(): number {
  return openFilesOf('self')?.soft ?? Number.POSITIVE_INFINITY;
}

function openFilesOf(pid: number | string): { soft: number; hard: number } | undefined {
  const [, soft, hard] = /^Max open files\s+(\d+)\s+(\d+)/m.exec(read(`/proc/${pid}/limits`)) ?? [];
  return soft === undefined ? undefined : { soft: Number(soft), hard: Number(hard) };
}

interface Descriptor {
  fd: number;
  target: string;
  flags: number;
}

/** Of Node's twenty most are known by what they lead to: to read the flags of each would take 2 ms of a start. */
function foreignDescriptors(): number[] {
  const targets = targetsOf('self');
  const isQueue = (target: string) => target.startsWith('anon_inode:');
  const lastQueue = Math.max(0, ...[...targets].filter(([, target]) => isQueue(target)).map(([fd]) => fd));
  const others = [...targets].flatMap(([fd, target]): Descriptor[] => {
    const flags = fd > 2 && !isQueue(target) ? flagsOf(fd) : undefined;
    return flags === undefined || (flags & closedInChildren) === 0 ? [] : [{ fd, target, flags }];
  });
  let ofParent: ReadonlySet<string> | undefined;
  const isOfParent = (target: string) => {
    ofParent ??= new Set(targetsOf(process.ppid).values());
    return ofParent.has(target);
  };
  return others.filter((descriptor) => !isOfNode(descriptor, others, lastQueue, isOfParent)).map(({ fd }) => fd);
}

/**
 * Node has event queues, perhaps a spare /dev/null that it opens after them under the lowest number that is free, and
 * pipes of which it holds both ends in the same mode.
 */
function isOfNode(
  { fd, target, flags }: Descriptor,
  all: Descriptor[],
  lastQueue: number,
  isOfParent: (target: string) => boolean,
): boolean {
  if (target === '/dev/null') return fd > lastQueue && (flags & accessMode) === 0;
  if (!target.startsWith('pipe:')) return false;
  const ends = all.filter((other) => other.target === target);
  const isPair = ends.length === 2 && ends.every((end) => (end.flags & nonBlocking) === (flags & nonBlocking));
  return isPair && !isOfParent(target);
}

/** What the descriptors of a process lead to, by their numbers. */
function targetsOf(pid: number | string): Map<number, string> {
  const targets = new Map<number, string>();
  for (const name of namesIn(`/proc/${pid}/fd`)) {
    const target = targetOf(`/proc/${pid}/fd/${name}`);
    if (target !== undefined) targets.set(Number(name), target);
  }
  return targets;
}

function flagsOf(fd: number): number | undefined {
  const [, flags] = /^flags:\s*(\d+)$/m.exec(read(`/proc/self/fdinfo/${fd}`)) ?? [];
  return flags === undefined ? undefined : Number.parseInt(flags, 8);
}

/** Nothing where the system has no /proc, or the process is somebody else's: then nothing is known of it. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/**
 * The arguments as they were given, in raw text: in what Node gives, bytes that are no UTF-8 are lost.
 *
 * @param args the last ones of this process
 */
export function argumentsAsGiven(args: string[]): string[] {
  if (!args.some((arg) => arg.includes('\ufffd'))) return args;
  const given = splitAtNul('/proc/self/cmdline').slice(-args.length);
  return args.map((arg, at) => {
    const bytes = given[at];
    return bytes !== undefined && bytes.toString() === arg ? rawText(bytes) : arg;
  });
}

/** The same for the environment's variables; names that are no UTF-8 are left out, as Node does. */
export function environmentAsGiven(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const lost = Object.keys(env).filter((name) => env[name]?.includes('\ufffd'));
  if (lost.length === 0) return env;
  const given = new Map(
    splitAtNul('/proc/self/environ').map((one) => [one.subarray(0, one.indexOf('=')).toString(), one]),
  );
  const restored = lost.flatMap((name) => {
    const value = given.get(name)?.subarray(Buffer.byteLength(name) + 1);
    // Set anew since this process started.
    return value !== undefined && value.toString() === env[name] ? [[name, rawText(value)] as const] : [];
  });
  return { ...env, ...Object.fromEntries(restored) };
}

/** The texts in a file of proc(5), each of which ends with NUL; none where there is no such file system. */
function splitAtNul(path: string): Buffer[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    return [];
  }
  const texts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    texts.push(bytes.subarray(at, end === -1 ? bytes.length : end));
    at = end === -1 ? bytes.length : end + 1;
  }
  return texts;
}
