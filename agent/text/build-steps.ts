import { stepMs } from './line-prefix.ts';
import type { Marker } from './marker.ts';

/*
 * The plain output of BuildKit (`docker build --progress=plain`, `docker compose build`, `buildctl`). Each line of a
 * step begins with `#` and the step's number, the first one goes on with its name. Before lines of another step comes
 * `#8 ...` and an empty line, then the other one's name again.
 * https://github.com/moby/buildkit/blob/master/util/progress/progressui/printer.go
 */

/** Reads the lines of one speaker that begin with `#` and a number, in order. */
export interface BuildStepReader {
  /** @param id the line's: another step begins two lines after the end of one */
  read(text: string, id: number): readonly Marker[];
}

const none: readonly Marker[] = [];
const numbered = /^#(\d{1,5}) (.*)$/s;
const ending = /^(?:DONE(?: (\d{1,9}\.\d)s)?|(CACHED)|CANCELED|(ERROR): .*)$/s;
const builder = /^building with ".*" instance using .* driver$/;
/**
 * Names that say themselves that they are a step's; of others that is known by where they stand. What else begins so,
 * such as `#8 fixed a bug` and PHP's `#1 {main}`, begins nothing.
 */
const stepName = new RegExp(
  `^(?:${[
    /\[(?:[^\]]{1,200} )?\d{1,4}\/\d{1,4}\] (?:FROM|RUN|COPY|ADD|WORKDIR)\b/,
    /\[(?:[^\]]{1,200} )?internal\] (?:load|booting buildkit|preparing|settings|helper|waiting)\b/,
    /\[(?:[^\]]{1,200} )?auth\] \S+ token for \S/,
    /\[context \S{1,200}\] /,
    /resolve image config for \S|(?:docker-image|oci-layout):\/\/\S/,
  ]
    .map(({ source }) => source)
    .join('|')})`,
  'i',
);
const gap = 2;

export function createBuildStepReader(): BuildStepReader {
  /** Where a step ended or was left. */
  let leftAt = Number.NEGATIVE_INFINITY;
  /** What the step that printed last has taken so far. */
  let printing = { flow: '', ms: 0 };

  return {
    read(text, id) {
      const [, flow, said] = numbered.exec(text) ?? [];
      if (flow === undefined || said === undefined) return none;
      const ms = stepMs(text);
      if (ms !== undefined) {
        printing = { flow, ms };
        return none;
      }
      const step = { key: 'buildkit', flow };
      if (said === '...') {
        leftAt = id;
        return [{ type: 'pause', ...step }];
      }
      const end = ending.exec(said);
      if (end !== null) {
        leftAt = id;
        return [{ type: 'close', ...step, ...howItEnded(end, printing.flow === flow ? printing.ms : undefined) }];
      }
      if (flow === '0' && builder.test(said)) leftAt = id;
      else if (id - leftAt === gap || stepName.test(said)) return [{ type: 'step', title: said.trim(), ...step }];
      return none;
    },
  };
}

/** @param printedMs after how long it printed its last line */
function howItEnded([, seconds, cached, error]: RegExpExecArray, printedMs: number | undefined) {
  if (error !== undefined) return { isFailed: true, ...(printedMs !== undefined && { ms: printedMs }) };
  if (cached !== undefined) return { ms: 0 };
  return seconds === undefined ? {} : { ms: Math.round(1000 * Number(seconds)) };
}
