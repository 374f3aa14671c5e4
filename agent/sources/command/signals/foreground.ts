import { isatty } from 'node:tty';
import { statOf } from './deliver.ts';

/** Whether this process is in the foreground of its terminal: what is typed there is for it. */
export function isForeground(): boolean {
  const stat = statOf('self');
  if (stat === undefined) return isatty(0);
  const [, , group, , , foregroundGroup] = stat;
  return group === foregroundGroup;
}
