import { basename, dirname, join, parse } from 'node:path';

/** How a name was made from another one by a rotation. */
export type Rotation = { number: number } | { date: string } | DateOfNoOrder;

/** Whether `03-04-2026` is in March or in April nobody knows: such names don't tell which file is newer. */
interface DateOfNoOrder {
  unordered: string;
}

const compressedEnding = /\.(gz|zst|bz2|xz|lz4|zip|lzma|Z)$/i;

export function isCompressed(path: string): boolean {
  return compressedEnding.test(path);
}

/** The name before it was compressed. */
export function withoutCompression(path: string): string {
  return path.replace(compressedEnding, '');
}

/**
 * Whether `name` is what a rotation makes of `base`: `app.log.1`, `app.log-20250131`, `app.1.log`,
 * `app-2025-01-31.log`, `app__2025-01-31_10-00-00.log` (PM2), `app.log.old`, `app1.log` (winston), `app.log.1.kept`
 * (`addextension` of logrotate), each possibly compressed; and of `current`
 * what multilog, svlogd and s6-log make: `@` and a time (TAI64N). Before it gets that name, multilog and s6-log call it
 * `previous`, and there is a new `current` already; what a program makes of it is `processed` (svlogd: `.u` and `.t`).
 */
export function rotationOf(name: string, base: string): Rotation | undefined {
  if (isTai64n(name, base)) return { date: tai64n.exec(name)?.[1] ?? afterAnyTai64n };
  const mark = markOf(name, base);
  const whole = mark?.text.replace(/^__|^[._-]/, '');
  if (mark === undefined || whole === undefined) return undefined;
  return rotationIn(whole) ?? (mark.place === 'after' ? rotationIn(withoutAddedExtension(whole)) : undefined);
}

const addedExtension = /(?<=\d)\.([a-z]\w*)$/i;

/** What is being made of a rotated file, is kept beside it, or is no text: `compressext` of logrotate may say so. */
const otherExtensions = new Set(
  [
    'tmp temp part partial new swp lock lck pid idx offset md5 sha1 sha256 sha512 sig',
    'tar tgz tbz tbz2 txz br bz bzip2 gzip lrz lz lzo sz snappy zpaq zstd rar',
    'asc gpg pgp age enc aes p7m',
  ].flatMap((some) => some.split(' ')),
);

function withoutAddedExtension(suffix: string): string {
  const extension = addedExtension.exec(suffix)?.[1] ?? '';
  return otherExtensions.has(extension.toLowerCase()) ? suffix : suffix.replace(addedExtension, '');
}

function rotationIn(suffix: string): Rotation | undefined {
  if (numberMark.test(suffix)) return { number: Number(suffix) };
  if (/^(old|prev|previous|last|bak|backup)$/i.test(suffix)) return { number: 1 };
  if (
    /^\d{2}([-_.]?)\d{2}\1(19|20)\d{2}([-_.T][\d:_.-]*Z?)?$/.test(suffix) &&
    !/^(19|20)\d\d(0\d|1[0-2])/.test(suffix)
  ) {
    return { unordered: suffix };
  }
  if (/^\d{4}[-_.]?\d{2}[-_.]?\d{2}([-_.T]?[\d:_.-]*Z?)$|^\d{6,}$/.test(suffix)) return { date: suffix };
  if (/^(19|20)\d{2}[-_.](\d{2,3}|W\d{2})$/.test(suffix)) return { date: suffix };
  return undefined;
}

const numberMark = /^\d{1,5}$/;

const tai64nBase = 'current';
const tai64n = /^@([0-9a-f]{24})\.[stu]$/;
const newestTai64n: readonly string[] = ['previous', 'processed'];
const afterAnyTai64n = 'g'.repeat(24);

function isTai64n(name: string, base: string): boolean {
  return base === tai64nBase && (newestTai64n.includes(name) || tai64n.test(name));
}

/** Whether a file of this name may be what a program made of one that multilog, svlogd or s6-log rotated. */
export function mayBeProcessed(path: string): boolean {
  return isTai64n(basename(path), tai64nBase);
}

/** Whether a program may be given what is rotated of a log at this path. */
export function mayHaveProducts(path: string): boolean {
  return basename(path) === tai64nBase;
}

/** What a program makes a file of this name into, before that is whole and (svlogd) when it is. */
export function productsOf(name: string): string[] {
  if (name === 'previous') return ['processed'];
  return tai64n.test(name) && name.endsWith('.u') ? ['t', 's'].map((ending) => name.replace(/u$/, ending)) : [];
}

/**
 * How one program names what it rotates, whatever the number or date: the same for `app.log.1` and `app.log.12.gz`,
 * another one for `app-2.log`. Undefined for what is no rotated name.
 */
export function schemeOf(name: string, base: string): string | undefined {
  if (isTai64n(name, base)) return 'tai64n';
  const mark = rotationOf(name, base) && markOf(name, base);
  if (mark === undefined) return undefined;
  const isCounted = /^[._-]?\d{1,5}(\.[a-z]\w*)?$/i.test(mark.text);
  const digits = (run: string) => (run.length < 4 || isCounted ? 'n' : '0'.repeat(run.length));
  return `${mark.place}${mark.text.replace(/\d+/g, digits)}`;
}

/** What stands after the base's name, or before its ending, with the separator. */
function markOf(name: string, base: string): { place: 'after' | 'within'; text: string } | undefined {
  const plain = withoutCompression(name);
  const { name: stem, ext } = parse(base);
  const isAfter = plain.startsWith(base);
  if (!isAfter && !(plain.startsWith(stem) && plain.endsWith(ext))) return undefined;
  const text = isAfter ? plain.slice(base.length) : plain.slice(stem.length, plain.length - ext.length);
  const isSeparate = /^[._-]./.test(text) || (!isAfter && /^(\d{1,3}|\d{8}([_-]\d+)?)$/.test(text) && /\D$/.test(stem));
  return isSeparate ? { place: isAfter ? 'after' : 'within', text } : undefined;
}

/** The paths of which a rotation can have made this one: `/logs/app.log` of `/logs/app.log.1.gz`. */
export function possibleBases(path: string): string[] {
  if (isTai64n(basename(path), tai64nBase)) return [join(dirname(path), tai64nBase)];
  const plain = withoutCompression(basename(path));
  const marks = [...plain.matchAll(/[._-]|(?<=[^\d._-])\d/g)].map(({ index }) => index);
  const bases = marks.flatMap((from) =>
    [...marks, plain.length].filter((to) => to > from).map((to) => plain.slice(0, from) + plain.slice(to)),
  );
  return bases.filter((base) => rotationOf(plain, base) !== undefined).map((base) => join(dirname(path), base));
}

/** Whether one rotated file of `base` is newer than another, as far as their names tell (undefined: they don't). */
export function isNewerByName(path: string, than: string, base: string): boolean | undefined {
  const [one, other] = [rotationOf(basename(path), base), rotationOf(basename(than), base)];
  if (one === undefined || other === undefined) return undefined;
  if ('number' in one && 'number' in other) return one.number < other.number;
  if ('date' in one && 'date' in other) {
    if (one.date.length === other.date.length) return one.date > other.date;
    return one.date.localeCompare(other.date, 'en', { numeric: true }) > 0;
  }
  return undefined;
}
