import type { Channel, Sink } from '../../agent/sources/source.ts';
import type { LogStatus } from '../../agent/words/log.ts';
import type { FilePosition } from '../../agent/words/position.ts';

/**
 * A sink that keeps what it is given: lines split at LF, news, and where the files stand as a journal would have it.
 */
export interface RecordingSink extends Sink {
  /** All lines in their order; news is not among them. */
  readonly lines: string[];
  readonly notices: string[];
  readonly statuses: LogStatus[];
  /** Lines and news in the order in which they came; news begins with `! `. */
  readonly everything: string[];
  readonly positions: Map<string, FilePosition>;
  /** Sizes of the pieces that were written. */
  readonly writes: number[];
  linesOf(source: string): string[];
  /** The unfinished line. */
  partialOf(source: string): string;
  /** Takes nothing from now on, as an agent that was killed. */
  freeze(): void;
  /** Makes writes wait until `release` is called. */
  block(): { release(): void };
  /** Resolves when the condition holds; fails, with what there is, when it doesn't in time. */
  until(condition: () => boolean, what: string, deadlineMs?: number): Promise<void>;
}

const lineEnd = Buffer.from('\n');

export function createRecordingSink(): RecordingSink {
  const lines: string[] = [];
  const notices: string[] = [];
  const statuses: LogStatus[] = [];
  const everything: string[] = [];
  const positions = new Map<string, FilePosition>();
  const writes: number[] = [];
  const bySource = new Map<string, string[]>();
  const partials = new Map<string, Buffer>();
  const waiting = new Set<() => void>();
  let isFrozen = false;
  let blocked: Promise<void> | undefined;

  function tell(): void {
    for (const check of [...waiting]) check();
  }

  function take(source: string, bytes: Buffer): void {
    const line = bytes.toString();
    lines.push(line);
    everything.push(line);
    bySource.get(source)?.push(line);
  }

  function channel(source: string): Channel {
    if (!bySource.has(source)) bySource.set(source, []);

    function moved(position: FilePosition | undefined): Promise<void> | undefined {
      const pending = partials.get(source)?.length ?? 0;
      if (position !== undefined) positions.set(source, { ...position, offset: position.offset - pending });
      tell();
      return blocked;
    }

    return {
      write(bytes, position) {
        if (isFrozen) return undefined;
        writes.push(bytes.length);
        let rest = Buffer.concat([partials.get(source) ?? Buffer.alloc(0), bytes]);
        for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
          take(source, rest.subarray(0, end));
          rest = rest.subarray(end + 1);
        }
        partials.set(source, Buffer.from(rest));
        return moved(position);
      },
      end(position) {
        if (isFrozen) return undefined;
        const rest = partials.get(source);
        if (rest !== undefined && rest.length > 0) take(source, rest);
        partials.delete(source);
        return moved(position);
      },
      discard() {
        partials.delete(source);
      },
      awaitsRest: false,
      cutOff: '',
      writeLate(bytes, _cutOff, position) {
        return this.write(bytes.at(-1) === 10 ? bytes : Buffer.concat([bytes, lineEnd]), position);
      },
      close() {},
    };
  }

  return {
    lines,
    notices,
    statuses,
    everything,
    positions,
    writes,
    channel,
    linesOf: (source) => bySource.get(source) ?? [],
    partialOf: (source) => partials.get(source)?.toString() ?? '',
    notice(text) {
      if (isFrozen) return undefined;
      notices.push(text);
      everything.push(`! ${text}`);
      tell();
      return blocked;
    },
    status(status) {
      if (isFrozen) return;
      statuses.push(status);
      tell();
    },
    flush: () => Promise.resolve(),
    freeze() {
      isFrozen = true;
    },
    block() {
      let release = (): void => {};
      blocked = new Promise((resolve) => {
        release = resolve;
      });
      return {
        release() {
          blocked = undefined;
          release();
        },
      };
    },
    until(condition, what, deadlineMs = 30_000) {
      return new Promise((resolve, reject) => {
        const check = (): void => {
          if (!condition()) return;
          waiting.delete(check);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          const last = JSON.stringify(everything.slice(-20), undefined, 1);
          reject(
            new Error(
              `${what} has not come true in ${deadlineMs} ms; ${everything.length} lines, the last ones: ${last}`,
            ),
          );
        }, deadlineMs);
        waiting.add(check);
        check();
      });
    },
  };
}
