import { fractionDigits, zone } from '../../text/time/time-forms.ts';
import { timestampOf } from '../../text/time/timestamp.ts';

/**
 * How the times of a log are written, up to their minute: lines that follow each other differ in their seconds, and
 * those are read from their bytes.
 */
export interface StampForm {
  /** Where a line has it: `access` has it after its client, in brackets. */
  kind: 'date' | 'day' | 'syslog' | 'access';
  /** What comes before the second, and what comes after its fraction. */
  prefix: string;
  zone: string;
  /** Of the minute, in milliseconds since the epoch. */
  base: number;
  /** When the line arrived that it was learned from. */
  arrived: number;
}

/** Of times that lines begin with, and of those after a client. */
export interface KnownForms {
  first?: StampForm | undefined;
  access?: StampForm | undefined;
}

const second = `(\\d\\d)(?:[.,](${fractionDigits}))?`;
const forms: readonly { kind: StampForm['kind']; pattern: RegExp }[] = [
  {
    kind: 'date',
    pattern: new RegExp(`^(\\[?\\d{4}[-/]\\d\\d[-/]\\d\\d[Tt ]\\d\\d:\\d\\d:)${second}( ?${zone})?`),
  },
  { kind: 'day', pattern: new RegExp(`^(\\[?\\d\\d:\\d\\d:)${second}()`) },
  { kind: 'syslog', pattern: /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:)(\d\d)(?:[.,](\d{1,6}))?()/ },
  { kind: 'access', pattern: /^[^[]{1,200}(\[\d\d\/[A-Z][a-z]{2}\/\d{4}[: ]\d\d:\d\d:)(\d\d)()((?: [+-]\d{4})?\])/ },
];

/**
 * The form of the time that a line says it is from; undefined where it is none of these.
 *
 * @param stamp that time, in milliseconds since the epoch
 * @param known saves a look where it is one of these
 */
export function formOf(visible: string, stamp: number, arrived: number, known: KnownForms = {}): StampForm | undefined {
  const head = visible.slice(0, 256);
  for (const { kind, pattern } of forms) {
    const found = pattern.exec(head);
    if (found === null) continue;
    const [, prefix = '', seconds, fraction = '', zone = ''] = found;
    const base = stamp - 1000 * Number(seconds) - Number(fraction.slice(0, 3).padEnd(3, '0'));
    const form = { kind, prefix, zone, base, arrived };
    if (isSame(form, known)) return form;
    // A line may state another time before this one, which is not the line's then.
    const own = kind === 'access' ? `- - - ${prefix}${seconds}${zone} ` : found[0] + after(kind, prefix);
    return timestampOf(own, arrived) === stamp ? form : undefined;
  }
  return undefined;
}

/** A clock is a time only where it ends: `08:00:01:02` is none. */
function after(kind: StampForm['kind'], prefix: string): string {
  if (kind !== 'day') return '';
  return prefix.startsWith('[') ? ']' : ' ';
}

function isSame({ kind, prefix, zone, base }: StampForm, known: KnownForms): boolean {
  const one = known[kind === 'access' ? 'access' : 'first'];
  return one !== undefined && one.base === base && one.prefix === prefix && one.zone === zone;
}

/** How far from its arrival a time may be that says no day, or no year, and can't be of another one. */
const hourMs = 3_600_000;
const certain: Readonly<Record<'day' | 'syslog', readonly [number, number]>> = {
  day: [-11 * hourMs, 11 * hourMs],
  syslog: [-360 * 24 * hourMs, 23 * hourMs],
};

/**
 * Whether a line that arrived then means the same by it. Where no year, or no day, is said, the line's arrival says it.
 */
export function isFormFor({ kind, base, arrived }: StampForm, now: number): boolean {
  if (kind === 'date' || kind === 'access') return true;
  const [least, most] = certain[kind];
  if (base - now < least || base - now > most) return false;
  return now === arrived || new Date(now).toDateString() === new Date(arrived).toDateString();
}
