import { describe, expect, it } from 'vitest';
import { type Program, play, type Size, withoutBlankEnd, xtermLines } from '../../../support/played-terminal.ts';

const window: Size = { columns: 40, rows: 12 };
const bar = (percent: number) => `[${'#'.repeat(percent / 10).padEnd(10, '.')}] ${percent}%`;
const percents = [0, 10, 30, 60, 90, 100];
const each = (part: (percent: number) => string, ms = 80): Program => percents.map((percent) => [ms, part(percent)]);

/** What programs print to a terminal, after recordings of them. */
const recordings: Record<string, Program> = {
  'apt: a bar at the bottom, below the part that scrolls': [
    [0, 'Preparing to unpack\r\n\x1b7\x1b[0;11r\x1b8\x1b[1A'],
    ...each(
      (percent) =>
        `Unpacking package ${percent} ...\r\n\x1b7\x1b[12;0f\x1b[42m\x1b[30mProgress: ${bar(percent)}\x1b[49m\x1b[39m\x1b8`,
    ),
    [100, '\x1b7\x1b[0;12r\x1b8\x1b[1A\x1b[J'],
  ],
  'docker pull: each layer is a row, reached from below': [
    [0, 'latest: Pulling from library/x\r\n'],
    [100, 'a1: Pulling fs layer \r\nb2: Pulling fs layer \r\nc3: Pulling fs layer \r\n'],
    ...percents.flatMap(
      (percent): Program => [
        [90, `\x1b[3A\x1b[2K\ra1: Downloading ${bar(percent)}\r\x1b[3B`],
        [90, `\x1b[1A\x1b[2K\rc3: Downloading ${bar(percent)}\r\x1b[1B`],
      ],
    ),
    [100, '\x1b[2A\x1b[2K\rb2: Pull complete \r\x1b[2B'],
    [100, 'Digest: sha256:00\r\n'],
  ],
  'docker compose: the whole block under a hidden cursor': [
    [0, '\x1b[?25l[+] Running 0/2\r\n ⠋ db   Starting\r\n ⠋ web  Created\r\n'],
    ...each(
      (percent) => `\x1b[3A\x1b[0G\x1b[?25l[+] Running\x1b[K\r\n ⠙ db ${percent}\x1b[K\r\n ⠙ web ${percent}\x1b[K\r\n`,
    ),
    [90, '\x1b[3A\x1b[0G[+] Running 2/2\r\n ✔ db   Started\r\n ✔ web  Started\r\n\x1b[?25h'],
    [500, 'web-1  | listening\r\n'],
  ],
  'npm: a spinner that is erased': [
    [0, '\x1b[1G\x1b[0K⠙\x1b[1G\x1b[0K⠹'],
    [80, '\x1b[1G\x1b[0K⠸'],
    [80, '\x1b[1G\x1b[0K\r\nadded 1 package in 1s\r\n\x1b[1G\x1b[0K⠙\x1b[1G\x1b[0K'],
  ],
  'pip: a bar of rich, which hides the cursor': [
    [0, 'Collecting rich\r\n  Downloading rich.whl (240 kB)\r\n\x1b[?25l'],
    ...each((percent) => `\r\x1b[2K     ${bar(percent)}`),
    [50, '\r\n\x1b[?25hInstalling collected packages: rich\r\n'],
  ],
  'cargo: a status below the messages': [
    ...each((percent) => `\r\x1b[K   Compiling crate${percent} v1.0\r\n    Building ${bar(percent)}`),
    [50, '\r\x1b[K    Finished dev in 2s\r\n'],
  ],
  'yarn: steps, each with a bar that is erased': [
    [0, '[1/4] Resolving packages...\r\n'],
    ...each((percent) => `\x1b[2K\x1b[1G${bar(percent)}`),
    [50, '\x1b[2K\x1b[1G[2/4] Fetching packages...\r\nDone in 1.00s.\r\n'],
  ],
  'pnpm: a block that is erased downwards': [
    [0, 'Progress: resolved 0\r\nPackages: +0\r\n'],
    ...each((percent) => `\x1b[2A\x1b[0JProgress: resolved ${percent}\r\nPackages: +${percent}\r\n`),
    [50, 'Done in 1s\r\n'],
  ],
  'listr: rows that are erased one after the other, upwards': [
    [0, '\x1b[?25l⠋ lint\r\n⠋ test\r\n'],
    ...each((percent) => `\x1b[2K\x1b[1A\x1b[2K\x1b[1A\x1b[2K\x1b[G⠙ lint ${percent}\r\n⠙ test ${percent}\r\n`),
    [50, '\x1b[?25h'],
  ],
  'indicatif: a line above bars': [
    [0, 'one 0%\r\ntwo 0%'],
    ...each((percent) => `\r\x1b[2K\x1b[1A\r\x1b[2Kfetched ${percent}\r\none ${percent}%\r\ntwo ${percent}%`),
    [50, '\r\n'],
  ],
  'wget: one row with CR, and a newline at its end': [...each((percent) => `\rfile  ${bar(percent)}   `), [20, '\r\n']],
  'git: counted on stderr': [
    ...each((percent) => `remote: Counting objects: ${percent}% (${percent}/100)\x1b[K\r`),
    [20, 'remote: Counting objects: 100%, done.\x1b[K\r\n'],
  ],
  'a full-screen program in the middle': [
    [0, '$ vim\r\n\x1b[?1049h\x1b[22;0;0t\x1b[2J\x1b[Htext\x1b[12;1H-- INSERT --'],
    [900, '\x1b[5;5Hmore\x1b[?1049l\x1b[23;0;0t$ exit\r\n'],
  ],
  'a full-screen program that scrolls and is left in the middle of a line': [
    [0, 'before \x1b[?1049h'],
    [400, `${'row\r\n'.repeat(30)}half a row\x1b[?1049lafter\r\n`],
  ],
  'wide characters at the right edge': [[0, `${'x'.repeat(38)}日本\r\n${'日'.repeat(25)}\r\n\x1b[A\x1b[38C日!\r\n`]],
  'tabs, forwards and backwards, to the right edge': [
    [0, 'a\tb\tc\r\n\x1b[2Ix\x1b[Zy\r\n\t\t\t\t\t\t\tz\r\n\x1b[A1\t2\r\n'],
  ],
  'a row that does not wrap': [[0, `\x1b[?7l${'0123456789'.repeat(6)}end\r\n\x1b[?7hnext\r\n`]],
  'characters that are repeated': [[0, '\x1b[A-\x1b[19b\r\n=\x1b[50b\r\n日\x1b[2b\r\n']],
  'inserted and deleted characters': [
    [0, 'abcdef\x1b[4D\x1b[2@XY\x1b[3D\x1b[2P\x1b[1X\r\n\x1b[4hinsert\x1b[3Dmode\x1b[4l\r\n\x1b[A\r\n'],
  ],
  'inserted and deleted lines': [[0, 'one\r\ntwo\r\nthree\r\nfour\r\n\x1b[3A\x1b[2Lnew\x1b[3B\x1b[1M\r\nend\r\n']],
  'the scrollback erased before anything has left': [[0, 'a\r\nb\r\n\x1b[3Jc\r\n']],
  'rows above erased': [[0, 'one\r\ntwo\r\nthree\x1b[1Jx\r\nfour\r\n']],
  'a place that is saved and restored': [
    [0, 'head\r\n\x1b7'],
    ...each((percent) => `\x1b8row one ${percent}\x1b[K\r\nrow two ${percent}\x1b[K\r\n`),
    [50, 'done\r\n'],
  ],
  'a line above and below that is reached by margins': [
    [0, 'a\r\nb\r\nc\r\nd\r\n\x1b[1;3r\x1b[3;1H\r\nx\r\ny\x1b[r\x1b[5;1Hend\r\n'],
  ],
  'index, next line and reverse index': [[0, 'one\x1bDtwo\x1bEthree\x1bM\rfour\x1bE\x1bEfive\r\n']],
  'line drawing': [[0, '\x1b(0lqqk\x1b(B\r\n\x1b)0\x0ex x\x0f\r\n\x1b(0mqqj\x1b(B\r\n']],
  'columns and rows by number': [[0, 'a\r\nb\r\nc\x1b[2dX\x1b[10GY\x1b[1;3Hz\x1b[4;1H']],
  'margins as origin': [[0, '1\r\n2\r\n3\r\n4\r\n\x1b[2;3r\x1b[?6h\x1b[1;1HB\x1b[9;1HC\x1b[?6l\x1b[r\x1b[6;1H']],
  'pages and columns: form feeds and vertical tabs go down one row': [[0, 'page 1\r\n\fpage 2\va\fb\r\nend\r\n']],
  'text that flows through a screen that was drawn on': [
    [0, `status\r\n\x1b[1A\x1b[2Kdone\r\n${Array.from({ length: 40 }, (_, i) => `line ${i}\r\n`).join('')}`],
  ],
  'a window cleared between runs': [
    [0, 'run 1\r\nresult 1\r\n'],
    [500, '\x1b[H\x1b[2Jrun 2\r\nresult 2\r\n'],
    [500, '\x1b[2J\x1b[Hrun 3\r\nresult 3\r\n'],
  ],
};

describe('what programs print', () => {
  it.each(Object.entries(recordings))('%s', async (_, program) => {
    const lines = play(program, window).map(({ text }) => text);
    expect(withoutBlankEnd(lines)).toEqual(await xtermLines(program, window));
  });

  const image = `\x1b]1337;File=inline=1:${'QUJD'.repeat(100_000)}\x07`;
  const sixel = `\x1bPq"1;1;640;480${'#0!494~$-'.repeat(40_000)}\x1b\\`;
  it.each([
    ['an image of 400 KB', `before\r\n${image}\r\nafter\r\n`],
    ['a sixel image of 360 KB', `before\r\n${sixel}\r\nafter\r\n`],
    ['an image of 400 KB under a hidden cursor', `\x1b[?25lbefore\r\n${image}\r\nafter\r\n\x1b[?25h`],
    ['a sixel image of 360 KB under a hidden cursor', `\x1b[?25lbefore\r\n${sixel}\r\nafter\r\n`],
  ])('%s', (_, text) => {
    const pieces = text.match(/.{1,4096}/gs) ?? [];
    const lines = play(
      pieces.map((piece) => [0, piece]),
      window,
    ).map((line) => line.text);
    expect(lines).toEqual(['before', '', 'after']);
  });
});
