import { dockerfilePlace } from './record.ts';

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
  /\/(?:usr\/|usr\/local\/)(?:lib\/|share\/)?(?:go|python|ruby|perl|lua)[\d.-]*\/|\/lib\/(?:python|ruby)\d?/,
  /[\\/]gems[\\/][\w.-]{1,100}-\d/,
  /^\s+at (?:java|javax|jdk|sun|kotlin|scala)[./]/,
  /^\s+\((?:elixir|stdlib|kernel|ex_unit|mix|iex|logger) \d/,
];

/** Whether the place that a line says is in code that is not its user's own. */
export function isInstalled(visible: string): boolean {
  return installed.some((one) => one.test(visible));
}

/** A frame of Go, or, after spaces, what a test said. */
export const goPlace = /^(?:\t| {4,})([^\s:]{1,300}\.go):(\d{1,9})(?: \+0x[\da-f]+$|$|: )/;

/** What names of source files end with. */
const endings = [
  'rb|rake|gemspec|erb|haml|slim|pyi?|pyx|php|phtml|p[lm]|exs?|h?eex|[eh]rl|lua|(?:ba|z|k|fi)?sh|bats|ps[dm]?1|rs|go|dart',
  't|cgi|psgi|java|kts?|scala|sc|sbt|groovy|gradle|clj[cs]?|cs|vb|fsx?|csproj|fsproj|swift|mm?|c|h|cc|hh|[ch]pp|[ch]xx|[ch]\\+\\+|cu',
  '[cm]?[jt]sx?|vue|svelte|astro|css|scss|sass|less|html?|hs|mli?|nim|zig|di?|cr|jl|[Rr]|f(?:90|95|03|08)?|for|adb|ads',
  'pas|sql|tf|tfvars|hcl|ya?ml|json|toml|xml|ini|cfg|conf|proto|graphql|cmake|txt|tex|awk|sed|feature|v|vhdl?|sv|sol|s|asm',
].join('|');
const drive = '(?:[A-Za-z]:(?=[\\\\/]))?';
const sourceFile = `(?:file:///?(?=/|[A-Za-z]:))?(${drive}(?:[^\\s:()'"\`=[{]|(?<=[\\\\/])\\[){1,300}\\.(?:${endings}))`;

/** Of a machine: some countries' domains are languages, too. Of an image: its tag. */
const port = [
  '[\\w-]+(?:\\.[\\w-]+)+\\.(?:cc|cr|m[lm]|p[lmy]|rs|s[chtv]|tf|vb):\\d{2,5}(?!:\\d|\\w)',
  '(?<=\\b(?:to|(?<!included )from|on|host|upstream|ECONNREFUSED|ENOTFOUND)[ =])[\\w.-]+:\\d{2,5}(?!:\\d|\\w)',
  '(?<=\\bimage:? ["\']?)\\S+:\\d',
].join('|');

/** The name of a source file wherever it stands, and what it says of the line after it. */
const anywhere = new RegExp(
  `(?:^|[\\s('"\`={]|(?<![\\\\/])\\[|psql:)(?!${port})${sourceFile}(?:${[
    // `:3`, `:3:5`, `:3:in`, `:line 3`, `:[3,5]`
    /:(?:line )?\[?(\d{1,9})(?![\w.-])/,
    /\((\d{1,9})(?:, ?\d{1,9})?\)/,
    /["']?[:,]?(?: on)? lines? (\d{1,9})\b/,
    // Babel's `a.js: Unexpected token (3:5)`, dash's `a.sh: 3: `
    /: [^():]{1,300} \((\d{1,9}):\d{1,9}\)/,
    /: (\d{1,9}): /,
  ]
    .map(({ source }) => source)
    .join('|')})`,
);

/**
 * `a.c:1:2: error`, `src/a.ts(1,2): error TS…`, `--> src/main.rs:2:18`, `File "a.py", line 3`, `at f (/srv/a.js:3:11)`,
 * `(Main.java:12)`, `panicked at src/main.rs:2:18:`, ` ❯ test/a.test.ts:4:68`, `/srv/A.java:[1,33] …`,
 * Go's `\t/srv/a.go:3 +0x24e` and `    a_test.go:6: …`, BuildKit's `Dockerfile:8`, Ruby's `bin/a:3:in 'f'`, Perl's
 * `at bin/a line 3.`, the shells' `bin/a: line 3: `.
 */
const places: readonly RegExp[] = [
  new RegExp(
    `^(?:\\[\\w{1,10}\\] (?=(?:\\w:)?[^:]*[./\\\\]))?(?!${port})(${drive}[^\\s:(][^:(]{0,300}):(\\d{1,9})(?::\\d+)?(?::| -) `,
  ),
  /^\s{0,20}(?:\d+>|#\d+ )?(?=[^(]*[.\\/])([^\s(][^(]{0,300}[^\s(])\((\d{1,9})(?:,\d+)?\): /,
  /^\s*(?:-->|:::) ([^:]{1,300}):(\d{1,9})/,
  /^\s*File "([^"]{1,300})", lines? (\d{1,9})/,
  new RegExp(
    `^\\s+at (?:[^(]{0,300}\\()?(?:file:///?(?=/|[A-Za-z]:))?(${drive}[^\\s():]{1,300}):(\\d{1,9})(?::\\d+)?\\)?$`,
  ),
  new RegExp(`^\\s+at [^(]{0,300}\\((${drive}[^():]{1,300}):(\\d{1,9}):\\d+\\)$`),
  / in ((?:[A-Za-z]:)?[\\/][^:()]{1,300}\.\w{1,5})(?::line | on line )(\d{1,9})$/,
  / in ([^\s:()]{1,300}\.\w{1,5})(?:\(|:(?:line )?| on line )(\d{1,9})\)?$/,
  /^(?:file:\/\/)?(\/[^\s:]{1,300}):(\d{1,9})$/,
  /\((?:[^()]{0,100}\s)?([\w$-]{1,100}\.(?:java|kt|scala|groovy)):(\d{1,9})\)$/,
  /^thread '.{0,300}' (?:\(\d+\) )?panicked at ([^\s:]{1,300}):(\d{1,9}):\d+:$/,
  // Of text that is read by its bytes a sign is three.
  /^ +[^\w\s]{1,3} (?:[^\s:]{1,200} )?([^\s:]{1,300}):(\d{1,9}):\d+$/,
  /^(?:\[ERROR\] )?([^\s:[\]]{1,300}):\[(\d{1,9}),\d+\] /,
  dockerfilePlace,
  goPlace,
  new RegExp(`^\\s*(?:# |\\d+: )?(?:from )?(${drive}[^\\s:<(-][^:]{0,300}):(\\d{1,9}):in [\`']`),
  /^(?=[^\s:]*[./\\]|.{0,300}(?:command not found|unbound variable|syntax error|unexpected EOF))([^\s:]{1,300}): line (\d{1,9}): /,
  /^(?=[^\s:]*\/)([^\s:]{1,300}): (\d{1,9}): \S/,
  /\bat (?=\S{0,300}[\\/])([^\s()]{1,300}) line (\d{1,9})(?:[.,]|$)/,
  anywhere,
];

/** A time, a machine before its port, what is no file: `12:03:04`, `10.0.0.2:5432`, `/bin/sh`, `-e`, `<stdin>`. */
const noFile =
  /^[-<]|^\d+$|^\d{4}(?:-\d\d-|\/\d\d\/\d\d )|\d\d:\d\d$|(?:^|\s)(?:localhost|\d+(?:\.\d+){3})$|^(?:\/(?:usr\/)?bin\/)?(?:ba|da|a|k|z)?sh$/;
/** What has spaces is a sentence, unless it has a directory. */
const sentence = /^[^\\/]*\s[^\\/]*$/;
/** What stands before a path from the root. */
const words = /^.*\s(?=\/|[A-Za-z]:[\\/])/;

/** Nothing where it does not say. */
export function placeIn(visible: string): Place {
  if (visible.length > 2000) return {};
  for (const place of places) {
    const found = place.exec(visible);
    if (found === null) continue;
    const [file = '', line] = found.slice(1).filter((part) => part !== undefined);
    if (line !== '0' && !noFile.test(file) && !sentence.test(file))
      return { file: file.trim().replace(words, ''), line: Number(line) };
  }
  return {};
}
