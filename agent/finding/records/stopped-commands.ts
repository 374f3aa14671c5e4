import { createStoppableCommands, type StoppableCommands } from '../../text/markers.ts';
import { withoutTime } from '../../text/time/time-prefix.ts';

/**
 * Says of one speaker's lines, passed in order, whether each is plain text though it may look like a command of a
 * workflow: what it says is no level. A line is passed as a reader sees it.
 */
export function createStoppedCommands(): (visible: string) => boolean {
  /** Most speakers say none. */
  let commands: StoppableCommands | undefined;

  return (visible) => {
    if (!visible.includes('::')) return false;
    const text = withoutTime(visible);
    if (!text.startsWith('::')) return false;
    commands ??= createStoppableCommands();
    return commands.areStoppedAt(text);
  };
}
