import { BoundedMap } from '../../system/bounded-map.ts';
import { withoutPrefix } from '../../text/line-prefix.ts';
import { type Place, placeIn } from '../../text/place.ts';

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
  read(line: string): Place | undefined;
}

const goesOn = /^=== (RUN|CONT|NAME|PAUSE) +(\S+)$/;
const ended = /^ *--- (FAIL|PASS|SKIP): (\S+) \(/;
const said = /^ {4,}[^\s:]{1,300}\.go:\d/;
/** Tests that run at the same time. */
const mostTests = 200;

export function createGoTestReader(): GoTestReader {
  const places = new BoundedMap<string, Place>(mostTests);
  let running: string | undefined;

  return {
    read(line) {
      // Most lines are none of these.
      if (!line.includes('.go:') && !line.includes('=== ') && !line.includes('--- ')) return undefined;
      const visible = withoutPrefix(line);
      if (running !== undefined && said.test(visible)) {
        places.set(running, placeIn(visible));
        return undefined;
      }
      const [, how, name] = goesOn.exec(visible) ?? [];
      if (how !== undefined) {
        running = how === 'PAUSE' ? undefined : name;
        return undefined;
      }
      const [, result, test = ''] = ended.exec(visible) ?? [];
      if (result === undefined) return undefined;
      const place = places.get(test);
      places.delete(test);
      return result === 'FAIL' ? place : undefined;
    },
  };
}
