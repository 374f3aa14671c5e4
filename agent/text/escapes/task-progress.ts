import type { TaskProgress } from '../../words/wire.ts';

/**
 * Reads how far a program is from what it prints: `OSC 9 ; 4 ; state ; percent`, which systemd, cargo, winget, zig and
 * others send to the terminal (ConEmu's, now everybody's). Made for one stream; chunks may end anywhere.
 *
 * @returns what the last complete sequence of the chunk said (`none`: the progress is over), undefined where there was
 *   none
 */
export type ReadTaskProgress = (chunk: Buffer) => TaskProgress | 'none' | undefined;

const prefix = '\x1b]9;4;';
/** Of one sequence, its end included. A longer one is something else. */
const longest = 24;
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is made of them
const sequence = /^\x1b\]9;4;([0-4])?(?:;(\d{0,9}))?;?(?:\x07|\x1b\\)/;
const states = ['none', 'normal', 'error', 'indeterminate', 'paused'] as const;

export function createTaskProgressReader(): ReadTaskProgress {
  let cut: Buffer = Buffer.alloc(0);

  return (chunk) => {
    const bytes = cut.length === 0 ? chunk : Buffer.concat([cut, chunk]);
    cut = Buffer.from(bytes.subarray(cutStart(bytes)));
    for (let end = bytes.length; ; ) {
      const at = end < prefix.length ? -1 : bytes.lastIndexOf(prefix, end - prefix.length, 'latin1');
      if (at === -1) return undefined;
      const found = sequence.exec(bytes.toString('latin1', at, at + longest));
      if (found !== null) return progressOf(found);
      end = at;
    }
  };
}

/** Where a sequence begins that the next chunk may complete. */
function cutStart(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - longest);
  for (let at = bytes.indexOf(0x1b, from); at !== -1; at = bytes.indexOf(0x1b, at + 1)) {
    const text = bytes.toString('latin1', at);
    if (prefix.startsWith(text) || (text.startsWith(prefix) && !sequence.test(text))) return at;
  }
  return bytes.length;
}

function progressOf([, state = '0', percent = '']: RegExpExecArray): TaskProgress | 'none' {
  const name = states[Number(state)] ?? 'none';
  if (name === 'none' || name === 'indeterminate') return name === 'none' ? name : { state: name };
  return percent === '' ? { state: name } : { state: name, percent: Math.min(100, Number(percent)) };
}
