import { BoundedMap } from '../../system/bounded-map.ts';
import { withoutPrefix } from '../../text/line-prefix.ts';
import { type FoundPlace, goPlace } from '../../text/place.ts';
import { own } from './own.ts';

/*
 * `go test -v` prints what a test says as it runs, and that it has failed after that:
 *
 *     === RUN   TestDiv
 *         a_test.go:6: Div(9, 2) = 4, want 5
 *     --- FAIL: TestDiv (0.00s)
 */

/** Reads the lines of one speaker, in order. */
export interface GoTestReader {
  /** Where the test said something last that has failed, as this line says. */
  read(line: string): FoundPlace | undefined;
}

const goesOn = /^=== (RUN|CONT|NAME|PAUSE) +(\S+)$/;
const ended = /^ *--- (FAIL|PASS|SKIP): (\S+) \(/;
/** Tests that run at the same time. */
const mostTests = 200;
/** More of a name does not tell tests apart. */
const longestName = 1000;
/** More of a line is not looked at for a place. */
const headLength = 1000;

export function createGoTestReader(): GoTestReader {
  const places = new BoundedMap<string, FoundPlace>(mostTests);
  let running: string | undefined;

  return {
    read(line) {
      // Most lines are none of these.
      if (!line.includes('.go:') && !line.includes('=== ') && !line.includes('--- ')) return undefined;
      const visible = withoutPrefix(line);
      if (running !== undefined && visible.startsWith(' ')) {
        const [, file, at] = goPlace.exec(visible.slice(0, headLength)) ?? [];
        if (file !== undefined) {
          places.set(running, { file: own(file), line: Number(at) });
          return undefined;
        }
      }
      const [, how, begun = ''] = goesOn.exec(visible) ?? [];
      if (how !== undefined) {
        running = how === 'PAUSE' ? undefined : own(begun, longestName);
        return undefined;
      }
      const [, result, name = ''] = ended.exec(visible) ?? [];
      if (result === undefined) return undefined;
      const test = name.slice(0, longestName);
      const place = places.get(test);
      places.delete(test);
      return result === 'FAIL' ? place : undefined;
    },
  };
}
