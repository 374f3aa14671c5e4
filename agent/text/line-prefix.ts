import { levelNamed } from './level-names.ts';
import { withoutTime } from './time/time-prefix.ts';

/**
 * What BuildKit puts before what a step prints: its number, and after how many seconds that was.
 * https://github.com/moby/buildkit/blob/master/util/progress/progressui/display.go
 */
const stepPrefix = /^#(\d{1,5}) (\d\.\d{3}|\d\d\.\d\d|\d{3,7}\.\d)(?: |$)/;

/**
 * What stands before what others printed: of Docker Compose, Swarm and Foreman, of `kubectl logs --prefix`, in syslog
 * and systemd's journal, whose host is not a level in capitals. What is a level before a bar is no service.
 */
const senderPrefix =
  /^(?:(?:\d\d:\d\d:\d\d )?([A-Za-z][\w.@-]{0,80}) {2,}\||\[(pod\/[^\]\s]{1,200})\]|(?:[A-Z][a-z]{2} [ \d]\d [\d:.]{8,15}|\d{4}-\d\d-\d\dT[\d:.,+Z-]{8,30}) (?=\S{0,59}[a-z\d])(\S{1,60} [\w./@-]{1,60}(?:\[\d{1,10}\])?):)(?: |$)/;

/** What was printed, and by whom. */
export interface Printed {
  text: string;
  /** Of several that print to the same stream; empty where it is not said. */
  sender: string;
  /** Each line of it says so. */
  isMarked: boolean;
}

/** A line without what those who passed it on put before what was printed. */
export function printedOf(visible: string): Printed {
  const text = withoutTime(visible);
  const first = text.charCodeAt(0);
  const step = first === hash ? stepPrefix.exec(text) : null;
  if (step !== null) return { text: text.slice(step[0].length), sender: `#${step[1]}`, isMarked: true };
  const found = first === openBracket || first >= zero ? senderPrefix.exec(text) : null;
  if (found === null) return { text, sender: '', isMarked: false };
  const [prefix, service, pod, program] = found;
  if (service !== undefined && levelNamed(service) !== undefined) return { text, sender: '', isMarked: false };
  const sender = service ?? pod ?? program ?? '';
  return { text: withoutTime(text.slice(prefix.length)), sender, isMarked: program === undefined };
}

/** Whether it is the name of a program, a service or a pod, and not of a step of the same build. */
export function isPassedOn(sender: string): boolean {
  return sender !== '' && sender.charCodeAt(0) !== hash;
}

export function withoutPrefix(visible: string): string {
  return printedOf(visible).text;
}

const hash = 0x23;
const zero = 0x30;
const openBracket = 0x5b;

/** After how many milliseconds of its step a line was printed; undefined where it does not say. */
export function stepMs(text: string): number | undefined {
  const seconds = stepPrefix.exec(text)?.[2];
  return seconds === undefined ? undefined : Math.round(1000 * Number(seconds));
}
