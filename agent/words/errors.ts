/**
 * What went wrong, in the terms of who can mend it:
 * - `usage`: the command line or an option's value (exit code 2)
 * - `address`: the port or host can't be listened on
 * - `locked`: another agent writes this log
 * - `source`: a file, command or stdin can't be read or started
 * - `journal`: the state dir or a journal can't be read or written
 * - `request`: an HTTP request that can't be answered as asked (`status` says how)
 */
export type ErrorKind = 'usage' | 'address' | 'locked' | 'source' | 'journal' | 'request';

/** The one error class: `message` is one sentence with what was expected and what was given. */
export class SseTailError extends Error {
  readonly kind: ErrorKind;
  /** Facts for programs: option or parameter name, path, HTTP status … */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(kind: ErrorKind, message: string, facts: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SseTailError';
    this.kind = kind;
    this.facts = facts;
  }
}

/** The sentence without paths of this machine, which viewers may not know: the fact `forViewers`, where it has one. */
export function sentenceForViewers({ message, facts }: SseTailError): string {
  return typeof facts.forViewers === 'string' ? facts.forViewers : message;
}

/** The `code` of a Node system error (`ENOENT` …), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** No file could be opened: that says nothing about the one that was to be. */
export function isOutOfDescriptors(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Why the system refused something, in a few words and, unless these say it all, with its own. */
export function causeOf(error: unknown): string {
  const code = errorCode(error);
  if (code === undefined) return messageOf(error);
  return plainCauses[code] ?? `${causes[code] ?? systemWords(error as Error, code)} (${code})`;
}

/**
 * The same where it is no refusal of the system's but of a library (zlib): in that one's words. The system's own
 * message names the path.
 */
export function causeWithin(error: unknown): string {
  return error instanceof Error && 'syscall' in error ? causeOf(error) : messageOf(error);
}

/** The same of a code alone, without the code where there are words for it. */
export function causeNamed(code: string): string {
  return plainCauses[code] ?? causes[code] ?? code;
}

/** What Node says without what it adds: `EXDEV: cross-device link not permitted, link '/a' -> '/b'`. */
function systemWords(error: Error & { syscall?: string }, code: string): string {
  const { message, syscall } = error;
  const start = `${code}: `;
  const end = syscall === undefined ? -1 : message.indexOf(`, ${syscall}`);
  return message.slice(message.startsWith(start) ? start.length : 0, end < 0 ? undefined : end);
}

/** As `causeOf`, for a path that was to be created or written. */
export function causeOfWriting(error: unknown): string {
  return errorCode(error) === 'ENOENT' ? 'its directory does not exist' : causeOf(error);
}

const plainCauses: Record<string, string | undefined> = {
  ENOENT: 'it does not exist',
  EADDRINUSE: 'the port is already in use',
  ECONNREFUSED: 'connection refused',
};

const causes: Record<string, string | undefined> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file size limit is reached',
  EIO: 'the disk reports an error',
  EROFS: 'the file system is read-only',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EMFILE: 'too many files are open in this process',
  ENFILE: 'too many files are open on this machine',
  EISDIR: 'it is a directory',
  ENOTDIR: 'something that is not a directory is in its place',
  EEXIST: 'something else is in its place',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ENXIO: 'no device or program is at its other end',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'the name has no address',
  EAI_AGAIN: 'the name could not be looked up',
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
