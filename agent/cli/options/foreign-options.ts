import type { Task } from './subcommands.ts';

/** Options that people know from other programs, and what to use here instead; by the task that they are tried with. */
const foreign: Readonly<Partial<Record<Task, readonly [spellings: readonly string[], advice: string][]>>> = {
  stream: [
    [['-f', '-F', '--follow', '--retry'], 'sse-tail always follows; leave it out.'],
    [['--tail'], 'Use -n for the last lines of a file.'],
    [['-v'], 'Use -V for the version.'],
    [['--bind', '--listen', '--address'], 'Use --host for the address and --port for the port.'],
    [['--browser'], 'Use --open.'],
  ],
  cat: [
    [['--tail'], 'Use -n for the last lines.'],
    [['-F', '--retry'], 'Use -f for new lines.'],
  ],
  grep: [
    [['-e', '--regexp'], "The pattern is the first argument; write several as 'one|other'."],
    [['-E', '-P', '--extended-regexp', '--perl-regexp'], 'Patterns are regular expressions already; leave it out.'],
    [['-r', '-R', '--recursive'], 'It searches all kept logs unless you name some; leave it out.'],
    [['-l', '--files-with-matches'], 'Use -c for the number of matching lines in each log.'],
    [['-m', '--max-count'], 'Pipe the output to head.'],
    [['-q', '--quiet', '--silent'], 'Redirect the output to /dev/null; the exit code is 0 if a line matches.'],
    [['-f', '-F', '--follow', '--tail'], 'It prints what is in the logs now; sse-tail cat -f prints new lines.'],
  ],
  export: [[['-n', '--lines', '--tail'], 'Use --since, --level or --match to export only some lines.']],
  rm: [
    [['-f', '--force'], 'It asks no questions; leave it out.'],
    [['-r', '-R', '--recursive'], 'A log is removed as a whole; leave it out.'],
  ],
  serve: [[['--bind', '--listen', '--address'], 'Use --host for the address and --port for the port.']],
};

/** Of everything that looks for a text. */
const searching: NonNullable<(typeof foreign)[Task]> = [
  [['-i', '--ignore-case'], 'Case is ignored unless you search for a capital letter; -s makes it always count.'],
  [['-v', '--invert-match'], 'Use --not to leave out lines that contain a text.'],
];
const matching: NonNullable<(typeof foreign)[Task]> = [
  [['-e', '--regexp', '--grep', '--filter'], 'Use --match for lines that contain a text, or sse-tail grep.'],
];

/** What to use instead of an option that the task doesn't take, where people know it from elsewhere. */
export function foreignOptionAdvice(given: string, task: Task): string | undefined {
  const common = task === 'grep' ? searching : task === 'cat' || task === 'export' ? [...searching, ...matching] : [];
  return [...(foreign[task] ?? []), ...common].find(([spellings]) => spellings.includes(given))?.[1];
}
