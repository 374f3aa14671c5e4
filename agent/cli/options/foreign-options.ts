import type { Task } from './subcommands.ts';

/** `tail -5` */
const digits: readonly string[] = [...'0123456789'].map((digit) => `-${digit}`);

/** Options that people know from other programs, and what to use here instead; by the task that they are tried with. */
const foreign: Readonly<Partial<Record<Task, readonly [spellings: readonly string[], advice: string][]>>> = {
  stream: [
    [['-f', '-F', '--follow', '--retry'], 'sse-tail always follows; leave it out.'],
    [['--tail', '--bytes', ...digits], 'Use -n for the last lines of a file.'],
    [['-s', '--sleep-interval'], 'Use --poll for the interval.'],
    [['-v'], 'Use -V for the version.'],
    [['--bind', '--listen', '--address'], 'Use --host for the address and --port for the port.'],
    [['--browser'], 'Use --open.'],
  ],
  cat: [
    [digits, 'Use -n for the last lines.'],
    [['-F', '--retry'], 'Use -f for new lines.'],
    [['-m', '--max-count', '--head'], 'Use --limit to end after so many lines.'],
    [['-b', '--number', '--number-nonblank'], "sse-tail grep -n '' <log> numbers the lines."],
  ],
  grep: [
    [['-e', '--regexp'], "The pattern is the first argument; write several as 'one|other'."],
    [['-f', '--file'], "Write the patterns as 'one|other'. For new lines as they are written use --follow."],
    [
      ['-E', '-P', '-G', '--extended-regexp', '--perl-regexp', '--basic-regexp', '--regex'],
      'Patterns are regular expressions already; leave it out.',
    ],
    [['-S', '--smart-case'], 'Case is ignored already unless you search for a capital letter; leave it out.'],
    [
      [
        ...['-r', '-R', '-d', '-D', '-g', '-t', '--recursive', '--dereference-recursive', '--directories', '--devices'],
        ...['--include', '--exclude', '--exclude-from', '--exclude-dir', '--glob', '--type'],
      ],
      'It searches all kept logs unless you name some; leave it out.',
    ],
    [['-l', '--files-with-matches'], 'Use -c for the number of matching lines in each log.'],
    [['-L', '--files-without-match'], 'Use -c for the number of matching lines in each log, which may be 0.'],
    [['--max-count'], 'Use -m, or --limit.'],
    [['-q', '--quiet', '--silent'], 'Redirect the output to /dev/null; the exit code is 0 if a line matches.'],
    [['--no-messages'], 'Redirect standard error to /dev/null.'],
    [
      ['-H', '-I', '--with-filename', '--no-filename', '--label'],
      'Lines begin with the ID of their log when several logs are searched; --json always has it.',
    ],
    [
      ['-a', '-U', '-z', '--text', '--binary', '--binary-files', '--null-data'],
      'Logs hold lines of text only; leave it out.',
    ],
    [['-b', '--byte-offset', '--column'], 'Use -n for the number of each line.'],
    [
      ['-Z', '-T', '--null', '--initial-tab', '--vimgrep', '--group-separator', '--no-group-separator'],
      'Use --json for output that a program reads.',
    ],
    [['--line-buffered'], 'Lines are printed as they are found; leave it out.'],
    [['--no-ignore-case'], 'Use -s to match case.'],
    [['-N', '--no-line-number'], 'Lines are numbered with -n only; leave it out.'],
    [['--color', '--no-color'], 'Matches are colored on a terminal, unless the variable NO_COLOR is set.'],
  ],
  export: [[['-n', '--lines', '--tail'], 'Use --since, --level or --match to export only some lines.']],
  rm: [
    [['-f', '-i', '-I', '--force', '--interactive'], 'It asks no questions; leave it out.'],
    [['-v', '--verbose'], 'It says what it removes; leave it out.'],
    [['-r', '-R', '--recursive'], 'A log is removed as a whole; leave it out.'],
  ],
  serve: [[['--bind', '--listen', '--address'], 'Use --host for the address and --port for the port.']],
};

/** Of everything that looks for a text. */
const searching: NonNullable<(typeof foreign)[Task]> = [
  [['-i', '-y', '--ignore-case'], 'Case is ignored unless you search for a capital letter; -s makes it always count.'],
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
