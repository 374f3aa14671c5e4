import { withoutTime } from './time/time-prefix.ts';

/**
 * What BuildKit puts before what a step prints: its number, and after how many seconds that was.
 * https://github.com/moby/buildkit/blob/master/util/progress/progressui/display.go
 */
const stepPrefix = /^#(\d{1,5}) (\d\.\d{3}|\d\d\.\d\d|\d{3,7}\.\d)(?: |$)/;

/** A line without what a build server put before what was printed: GitHub's and GitLab's time, BuildKit's step. */
export function withoutPrefix(visible: string): string {
  const text = withoutTime(visible);
  const prefix = text.charCodeAt(0) === hash ? stepPrefix.exec(text)?.[0] : undefined;
  return prefix === undefined ? text : text.slice(prefix.length);
}

const hash = 0x23;

/** After how many milliseconds of its step a line was printed; undefined where it does not say. */
export function stepMs(text: string): number | undefined {
  const seconds = stepPrefix.exec(text)?.[2];
  return seconds === undefined ? undefined : Math.round(1000 * Number(seconds));
}

/** The number of the step that printed a line; undefined where it does not say. */
export function stepOf(visible: string): string | undefined {
  return stepPrefix.exec(withoutTime(visible))?.[1];
}
