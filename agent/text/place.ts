/** Where in whose source a message says that something is. */
export interface Place {
  file?: string;
  line?: number;
}

export interface FoundPlace extends Place {
  file: string;
}

/** What was installed, or came with the language. */
const installed: readonly RegExp[] = [
  /(?:^|[\s("'/\\])(?:node_modules|site-packages|dist-packages)[\\/]/,
  /\/rustc\/[\da-f]{20}|\.cargo\/registry\/|<frozen |\bnode:/,
  /\/(?:usr\/|usr\/local\/)(?:lib\/)?(?:go|python|ruby)[\d.-]*\/|\/lib\/(?:python|ruby)\d?/,
  /^\s+at (?:java|javax|jdk|sun|kotlin|scala)[./]/,
];

/** Whether the place that a line says is in code that is not its user's own. */
export function isInstalled(visible: string): boolean {
  return installed.some((one) => one.test(visible));
}

/** What BuildKit prints first where a step has failed. */
export const dockerfilePlace = /^([^\s:]{0,300}(?:[Dd]ocker|[Cc]ontainer)file[^\s:]{0,100}):(\d{1,9})$/;
/** A frame of Go, or, after spaces, what a test said. */
export const goPlace = /^(?:\t| {4,})([^\s:]{1,300}\.go):(\d{1,9})(?: \+0x[\da-f]+$|$|: )/;

/**
 * `a.c:1:2: error`, `src/a.ts(1,2): error TS…`, `--> src/main.rs:2:18`, `File "a.py", line 3`, `at f (/srv/a.js:3:11)`,
 * `(Main.java:12)`, `panicked at src/main.rs:2:18:`, ` ❯ test/a.test.ts:4:68`, `/srv/A.java:[1,33] …`,
 * Go's `\t/srv/a.go:3 +0x24e` and `    a_test.go:6: …`, BuildKit's `Dockerfile:8`.
 */
const places: readonly RegExp[] = [
  /^([^\s:(][^:(]{0,300}):(\d{1,9})(?::\d+)?(?::| -) /,
  /^(?=[^(]*[.\\/])([^\s(][^(]{0,300}[^\s(])\((\d{1,9})(?:,\d+)?\): /,
  /^\s*--> ([^:]{1,300}):(\d{1,9})/,
  /^\s*File "([^"]{1,300})", line (\d{1,9})/,
  /^\s+at (?:[^(]{0,300}\()?(?:file:\/\/)?([^\s():]{1,300}):(\d{1,9})(?::\d+)?\)?$/,
  / in ([^\s:()]{1,300}\.\w{1,5})(?:\(|:(?:line )?| on line )(\d{1,9})\)?$/,
  /^(?:file:\/\/)?(\/[^\s:]{1,300}):(\d{1,9})$/,
  /\((?:[^()]{0,100}\s)?([\w$-]{1,100}\.(?:java|kt|scala|groovy)):(\d{1,9})\)$/,
  /^thread '.{0,300}' (?:\(\d+\) )?panicked at ([^\s:]{1,300}):(\d{1,9}):\d+:$/,
  // Of text that is read by its bytes a sign is three.
  /^ +[^\w\s]{1,3} (?:[^\s:]{1,200} )?([^\s:]{1,300}):(\d{1,9}):\d+$/,
  /^(?:\[ERROR\] )?([^\s:[\]]{1,300}):\[(\d{1,9}),\d+\] /,
  dockerfilePlace,
  goPlace,
];

/** A time, or a machine before its port: `12:03:04`, `10.0.0.2:5432`. */
const noFile = /^\d+$|^\d{4}-\d\d-|\d\d:\d\d$|(?:^|\s)(?:localhost|\d+(?:\.\d+){3})$/;
/** What has spaces is a sentence, unless it has a directory. */
const sentence = /^[^\\/]*\s[^\\/]*$/;

/** Nothing where it does not say. */
export function placeIn(visible: string): Place {
  if (visible.length > 2000) return {};
  for (const place of places) {
    const found = place.exec(visible);
    if (found === null) continue;
    const [, file = '', line] = found;
    if (!noFile.test(file) && !sentence.test(file)) return { file: file.trim(), line: Number(line) };
  }
  return {};
}
