import { keptPrefix, restoreHidden } from '../text/escapes/hidden.ts';
import { visibleText } from '../text/escapes/strip.ts';
import type { Origin } from '../words/line.ts';
import type { Gap } from '../words/wire.ts';
import { idAt, visitEvents } from './scan.ts';

/** Turns journal blocks into plain text: each line followed by LF, the pieces of a long line joined again. */
export interface TextWriter {
  /** The lines of a block (whole events, beginning with an `origin`). */
  block(bytes: Buffer): Buffer;
  /** A line of its own in place of lines that can't be given. */
  gap(gap: Gap): Buffer;
  /** What is missing at the end of the text: the LF of a line whose last piece was not asked for. */
  end(): Buffer;
}

const lf = 0x0a;
/** Begins what a program printed for another to read; what is restored is shorter. */
const marker = Buffer.from(`\x1b_${keptPrefix}`);
const closingBracket = ']'.charCodeAt(0);

export function createTextWriter({ strip }: { strip: boolean }): TextWriter {
  /** Whose line continues in the next one; undefined after a whole line. */
  let unfinished: string | undefined;
  let isContinued = false;
  /** After a part of a line: the id that the next one begins with, if it was found as well. */
  let nextPart: number | undefined;
  let isPart = false;
  let isNext = false;
  let isNotice = false;
  let speaker = '';

  function setOrigin({ source, stream, kind, continued, part, firstId }: Origin): void {
    speaker = `${kind ?? ''}:${stream ?? ''}:${source ?? ''}`;
    isPart = part === true;
    isContinued = continued === true || isPart;
    isNext = nextPart === undefined || nextPart === firstId;
    isNotice = kind === 'notice';
  }

  return {
    block(bytes) {
      // A line is shorter than its frame by far more than the LF that an unfinished line may still need.
      const out = Buffer.allocUnsafe(bytes.length);
      let length = 0;
      visitEvents(bytes, {
        origin(origin) {
          setOrigin(origin);
          if (unfinished !== undefined && (unfinished !== speaker || !isNext)) {
            out[length++] = lf;
            unfinished = undefined;
          }
        },
        line(start, end, frame) {
          if (isNotice) length += out.write('[sse-tail: ', length, 'latin1');
          if (strip) length += out.write(visibleText(bytes.toString('utf8', start, end)), length, 'utf8');
          else if (bytes.subarray(start, end).includes(marker))
            length += out.write(restoreHidden(bytes.toString('utf8', start, end)), length, 'utf8');
          else length += bytes.copy(out, length, start, end);
          if (isNotice) out[length++] = closingBracket;
          unfinished = isContinued ? speaker : undefined;
          nextPart = isPart ? (idAt(bytes, frame) ?? 0) + 1 : undefined;
          if (!isContinued) out[length++] = lf;
        },
      });
      return out.subarray(0, length);
    },

    gap(gap) {
      const before = unfinished === undefined ? '' : '\n';
      unfinished = undefined;
      return Buffer.from(`${before}[sse-tail: ${gapText(gap)}]\n`);
    },

    end() {
      const missing = unfinished === undefined ? '' : '\n';
      unfinished = undefined;
      return Buffer.from(missing);
    },
  };
}

/** What became of lines that can't be given, as a clause: `lines 1-9 are no longer kept`. */
export function gapText({ from, to, reason }: Gap): string {
  const [lines, are, were] = from === to ? [`line ${from}`, 'is', 'was'] : [`lines ${from}-${to}`, 'are', 'were'];
  return reason === 'retention' ? `${lines} ${are} no longer kept` : `${lines} ${were} lost to damage of the journal`;
}
