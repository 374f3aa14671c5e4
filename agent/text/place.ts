/** Where in whose source a message says that something is. */
export interface Place {
  file?: string;
  line?: number;
}

/**
 * `a.c:1:2: error`, `src/a.ts(1,2): error TS…`, `--> src/main.rs:2:18`, `File "a.py", line 3`, `at f (/srv/a.js:3:11)`,
 * `(Main.java:12)`.
 */
const places: readonly RegExp[] = [
  /^([^\s:(][^:(]{0,300}):(\d{1,9})(?::\d+)?(?::| -) /,
  /^([^\s(][^(]{0,300})\((\d{1,9})(?:,\d+)?\): /,
  /^\s*--> ([^:]{1,300}):(\d{1,9})/,
  /^\s*File "([^"]{1,300})", line (\d{1,9})/,
  /^\s+at (?:[^(]{0,300}\()?(?:file:\/\/)?([^\s():]{1,300}):(\d{1,9})(?::\d+)?\)?$/,
  / in ([^\s:()]{1,300}\.\w{1,5})(?:\(|:(?:line )?| on line )(\d{1,9})\)?$/,
  /^(?:file:\/\/)?(\/[^\s:]{1,300}):(\d{1,9})$/,
  /\((?:[^()]{0,100}\s)?([\w$-]{1,100}\.(?:java|kt|scala|groovy)):(\d{1,9})\)$/,
];

/** Nothing where it does not say. */
export function placeIn(visible: string): Place {
  if (visible.length > 2000) return {};
  for (const place of places) {
    const found = place.exec(visible);
    // A time is no file.
    if (found !== null && !/^\d+$|^\d{4}-\d\d-|\d\d:\d\d$/.test(found[1] as string)) {
      return { file: (found[1] as string).trim(), line: Number(found[2]) };
    }
  }
  return {};
}
