import { screenFinals } from './csi.ts';
import { arePlain, codesOf, csiFinalAt } from './scan.ts';

/** Where the first sequence stands that only a screen can carry out, and where bytes begin that may be one. */
export interface ScreenSequence {
  /** Of the ESC; undefined where there is none. */
  at: number | undefined;
  /** Where a sequence begins that is cut off; the bytes' length where none is. */
  complete: number;
}

const esc = 0x1b;

/**
 * Looks for what moves the cursor between rows, scrolls, clears, switches to the alternate screen or hides the cursor.
 * What stays within the last row is none of it.
 *
 * Not by `sequenceEnd`: for a control string that one waits for its end. What is still text is passed on at once,
 * however long a string in it becomes, and so each ESC is looked at for itself. The second of two is passed over: tmux
 * doubles those of what it passes through.
 */
export function findScreenSequence(bytes: Buffer): ScreenSequence {
  let found = findSequence(bytes);
  for (const feed of otherFeeds) {
    const at = bytes.indexOf(feed);
    if (at !== -1 && at < (found.at ?? found.complete)) found = { at, complete: bytes.length };
  }
  return found;
}

/** VT and FF go to the next row, and not to its beginning. */
const otherFeeds = [0x0b, 0x0c];

function findSequence(bytes: Buffer): ScreenSequence {
  for (let at = bytes.indexOf(esc); at !== -1; ) {
    const kind = bytes[at + 1];
    if (kind === undefined) return { at: undefined, complete: at };
    if (kind === 0x5b) {
      const end = csiFinalAt(bytes, at + 2, bytes.length);
      if (end === bytes.length) return { at: undefined, complete: at };
      if (needsScreen(bytes, at + 2, end)) return { at, complete: bytes.length };
    } else if (kind === 0x28 || kind === 0x29) {
      const charset = bytes[at + 2];
      if (charset === undefined) return { at: undefined, complete: at };
      if (charset === 0x30) return { at, complete: bytes.length };
    } else if (screenEscapes.has(kind)) {
      return { at, complete: bytes.length };
    }
    at = bytes.indexOf(esc, at + 2);
  }
  return { at: undefined, complete: bytes.length };
}

/** IND, NEL, RI, setting a tab stop, saving and restoring the cursor, the full reset. */
const screenEscapes = codesOf('DEHM78c');
/**
 * The alternate screen, saving the cursor, margins as origin; hiding the cursor, no wrapping. Undoing these is nothing.
 */
const screenModes = { set: new Set(['47', '1047', '1048', '1049', '6']), reset: new Set(['25', '7']) };

function needsScreen(bytes: Buffer, from: number, end: number): boolean {
  const final = bytes[end] as number;
  // Erasing from the cursor on and to the left stays in the last row; the whole display does not.
  if (final === 0x4a) return end > from && !(end === from + 1 && bytes[from] === 0x30);
  if (final === 0x68 && bytes.toString('latin1', from, end) === '20') return true;
  if (final === 0x68 || final === 0x6c) {
    const modes = final === 0x68 ? screenModes.set : screenModes.reset;
    const params = bytes.toString('latin1', from, end);
    return (
      params.startsWith('?') &&
      params
        .slice(1)
        .split(';')
        .some((mode) => modes.has(mode))
    );
  }
  // With a private marker it is something else, such as the keyboard protocols' `CSI > 1 u`.
  return screenFinals.has(final) && arePlain(bytes, from, end);
}
