import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAgent, temporaryFolder } from '../support/agent-process.ts';
import { startAtTerminal } from '../support/agent-terminal.ts';
import { lineText, startBrowser, type TestBrowser } from '../support/browser.ts';
import { until } from '../support/deadline.ts';
import { parseLines } from '../support/event-text.ts';
import { open } from '../support/http-client.ts';
import { makeUnrunnable, unrunnable } from '../support/unrunnable.ts';

const text = async (url: string) => (await fetch(url)).text();
const status = async (url: string) => JSON.parse(await text(`${url}status`));
const hasExited = async (url: string) => (await status(url)).status.state === 'exited';
const linesOf = async (url: string) => parseLines(await text(`${url}events?follow=0`)).map((line) => line.text);

describe('a command with --tty', () => {
  it('has a terminal, of 120 by 40 where there is none, and its output is copied byte for byte', async () => {
    using folder = temporaryFolder();
    const script = 'test -t 0 && test -t 1 && test -t 2 && echo tty; stty size; printf "\\0\\351\\r\\n"; echo err >&2';
    await using agent = startAgent(folder.path, ['--tty', '--linger', '1m', '--save', 'raw', '--', 'sh', '-c', script]);
    const url = await agent.url();
    await until('the end of the command', () => hasExited(url));
    expect(await linesOf(url)).toEqual(['tty', '40 120', '\0\ufffd', 'err']);
    expect(readFileSync(folder.file('raw'), 'latin1')).toBe('tty\r\n40 120\r\n\0\xe9\r\r\nerr\r\n');
    await expect.poll(() => agent.stdout).toBe('tty\r\n40 120\r\n\0\ufffd\r\r\nerr\r\n');
  });

  it('has lines that say when they were written, though they were held back for a moment', async () => {
    using folder = temporaryFolder();
    const script = 'echo first; until test -e go; do sleep 0.02; done; printf "\\033[?25l"; echo second';
    await using agent = startAgent(folder.path, ['--tty', '--linger', '1m', '--', 'sh', '-c', script]);
    const url = await agent.url();
    using stream = await open(`${url}events`);
    await stream.until('the first line', ({ body }) => /^data: first$/m.test(body));
    const between = Date.now();
    writeFileSync(folder.file('go'), '');
    await until('the end of the command', () => hasExited(url));
    const [first, second, ...rest] = parseLines(await text(`${url}events?follow=0`));
    expect([first?.text, second?.text, rest]).toEqual(['first', 'second', []]);
    expect(first?.origin.time).toBeLessThanOrEqual(between);
    expect(second?.origin.time).toBeGreaterThanOrEqual(between);
  });

  it('has the size that COLUMNS and LINES say, and finds it by asking', async () => {
    using folder = temporaryFolder();
    const env = { COLUMNS: '77', LINES: '11' };
    await using agent = startAgent(folder.path, ['--tty', '--', 'sh', '-c', 'stty size; echo "[$COLUMNS$LINES]"'], {
      env,
    });
    await agent.ended();
    expect(agent.stdout).toBe('11 77\r\n[]\r\n');
  });

  it('has the size that --size says', async () => {
    using folder = temporaryFolder();
    const env = { COLUMNS: '100', LINES: '20' };
    await using agent = startAgent(folder.path, ['--tty', '--size', '77x11', '--', 'stty', 'size'], { env });
    await agent.ended();
    expect(agent.stdout).toBe('11 77\r\n');
  });

  it.each([
    ['exit 7', { code: 7, signal: null }],
    ['kill -9 $$', { code: null, signal: 'SIGKILL' }],
    ['kill -TERM $$', { code: null, signal: 'SIGTERM' }],
  ])('%s: ends in the same way', async (script, outcome) => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--tty', '--', 'sh', '-c', script]);
    expect(await agent.ended()).toEqual(outcome);
  });

  it.each(unrunnable)('$program: $code, with a sentence', async ({ program, code, sentence }) => {
    using folder = temporaryFolder();
    makeUnrunnable(folder);
    await using agent = startAgent(folder.path, ['--tty', '--', program]);
    expect(await agent.ended()).toEqual({ code, signal: null });
    expect(agent.stderr).toContain(`'${program}' ${sentence}`);
    expect(agent.stderr.match(/^sse-tail: (?!http)/gm)).toHaveLength(1);
    expect(agent.stdout).toBe('');
  });

  it('gets the signals that sse-tail gets', async () => {
    using folder = temporaryFolder();
    const script = 'trap "echo told; exit 5" TERM; echo ready; while :; do sleep 0.05; done';
    await using agent = startAgent(folder.path, ['--tty', '--', 'sh', '-c', script]);
    await until('the command is ready', () => agent.stdout.includes('ready'));
    agent.child.kill('SIGTERM');
    expect(await agent.ended()).toEqual({ code: 5, signal: null });
    expect(agent.stdout).toContain('told');
  });

  it('is interrupted with all of its foreground by SIGINT', async () => {
    using folder = temporaryFolder();
    // A shell on its way to a program loses a signal, so it is the program that says it is ready.
    writeFileSync(folder.file('said'), 'ready\n');
    await using agent = startAgent(folder.path, ['--tty', '--', 'sh', '-c', 'tail -f said; echo no']);
    await until('the command is ready', () => agent.stdout.includes('ready'));
    agent.child.kill('SIGINT');
    expect(await agent.ended()).toEqual({ code: null, signal: 'SIGINT' });
  });

  it.each(['cat', 'dd bs=1 status=none', 'dd bs=4096 status=none'])(
    'gets lines of any length that are piped in: %s',
    async (reader) => {
      using folder = temporaryFolder();
      const input = [10, 3001, 4095, 4096, 20_000, 0, 7].map((length) => `${'x'.repeat(length)}\n`).join('');
      const args = ['-q', '--tty', '--', 'sh', '-c', `${reader} >got`];
      await using agent = startAgent(folder.path, args, { input: `${input}end` });
      expect(await agent.ended()).toEqual({ code: 0, signal: null });
      expect(readFileSync(folder.file('got'), 'utf8')).toBe(`${input}end`);
    },
  );

  it('is hung up when sse-tail is killed', async () => {
    using folder = temporaryFolder();
    const script = 'trap "echo hung up >told; exit" HUP; echo ready; while :; do sleep 0.05; done';
    await using agent = startAgent(folder.path, ['--tty', '--', 'sh', '-c', script]);
    await until('the command is ready', () => agent.stdout.includes('ready'));
    agent.child.kill('SIGKILL');
    await until('the hang-up', () => {
      try {
        return readFileSync(folder.file('told'), 'utf8') === 'hung up\n';
      } catch {
        return false;
      }
    });
  });

  it('is ended as in any pipeline when its reader has left', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['--tty', '--', 'yes']);
    await until('output', () => agent.stdout.length > 1000);
    agent.child.stdout?.destroy();
    expect(await agent.ended()).toEqual({ code: null, signal: 'SIGPIPE' });
  });

  it('gets what is piped in, without echo, and its end as Ctrl-D', async () => {
    using folder = temporaryFolder();
    for (const [input, output] of [
      ['one\ntwo\n', 'one\r\ntwo\r\n'],
      ['one\ntwo', 'one\r\ntwo'],
      ['', ''],
    ] as const) {
      await using agent = startAgent(folder.path, ['--tty', '--', 'cat'], { input });
      expect(await agent.ended()).toEqual({ code: 0, signal: null });
      expect(agent.stdout).toBe(output);
    }
  });

  it('that prints 100,000 lines and ends at once loses none', async () => {
    using folder = temporaryFolder();
    await using agent = startAgent(folder.path, ['-q', '--tty', '--linger', '1m', '--', 'seq', '100000']);
    const url = await agent.url();
    await until('the end of the command', () => hasExited(url));
    const lines = parseLines(await text(`${url}events`));
    expect(lines.length).toBe(100_000);
    expect(lines.every(({ id, text: line }, i) => id === i + 1 && line === String(i + 1))).toBe(true);
  });

  it('is refused in one sentence where there are no pseudo-terminals, before anything is run', async () => {
    using folder = temporaryFolder();
    // Stands in the package's place and can't be loaded, like one that was built for another libc.
    const broken = folder.file('pty.node');
    writeFileSync(broken, 'not a library');
    const hook = folder.file('hook.cjs');
    writeFileSync(
      hook,
      `const { Module } = require('node:module');
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => request.endsWith('/pty.node') ? '${broken}' : resolve.call(Module, request, ...rest);
`,
    );
    const env = { NODE_OPTIONS: `--require ${hook}` };
    await using agent = startAgent(folder.path, ['--tty', '--', 'sh', '-c', 'echo ran >ran'], { env });
    expect((await agent.ended()).code).toBe(2);
    expect(agent.stderr).toMatch(/^sse-tail: --tty needs a pseudo-terminal, but .* can't be loaded: [^\n]*\.\n$/);
    expect(() => readFileSync(folder.file('ran'))).toThrow();
    await using plain = startAgent(folder.path, ['--', 'echo', 'without'], { env });
    expect((await plain.ended()).code).toBe(0);
  });
});

describe('at a terminal', () => {
  it('keys reach the command, its size is the window, and the terminal is as before in the end', async () => {
    using folder = temporaryFolder();
    const script = `read -r name; echo "hello $name"; trap 'stty size' WINCH; stty size; while :; do sleep 0.05; done`;
    writeFileSync(folder.file('script'), script);
    await using terminal = startAtTerminal(
      folder.path,
      '$sse_tail --linger 0s --tty -- sh script; echo "code $?"; cat',
    );
    await terminal.url();
    await until('raw mode', () => terminal.modes().includes('-icanon') && terminal.modes().includes('-opost'));
    await terminal.type('Bob\r');
    await until('an answer and the size', () => /hello Bob\r\n30 100\r\n/.test(terminal.text));
    terminal.resize({ columns: 90, rows: 20 });
    await until('the new size', () => terminal.text.includes('20 90'));
    await terminal.type('\x03');
    await until('its exit code', () => terminal.text.includes('code 130'));
    expect(terminal.modes()).toEqual(expect.arrayContaining(['icanon', 'echo', 'isig', 'opost']));
    expect(terminal.text).toContain('^C');
    await terminal.type('\x04');
    expect((await terminal.ended()).code).toBe(0);
  });

  it('the page stays until Ctrl-C once the command has ended', async () => {
    using folder = temporaryFolder();
    await using terminal = startAtTerminal(folder.path, 'exec $sse_tail --tty -- sh -c "exit 3"');
    await until('the end of the command', () => terminal.text.includes('until Ctrl-C'));
    await terminal.type('\x03');
    expect(await terminal.ended()).toEqual({ code: 3, signal: null });
    // As after a program that dies of it: the shell's prompt does not stand behind it.
    expect(terminal.text).toMatch(/until Ctrl-C\.\r\n\^C\r\n$/);
  });

  it('it is given back when sse-tail is told to end', async () => {
    using folder = temporaryFolder();
    await using terminal = startAtTerminal(folder.path, 'exec $sse_tail --tty -- sleep 60');
    await terminal.url();
    await until('raw mode', () => terminal.modes().includes('-icanon'));
    terminal.kill('SIGTERM');
    expect(await terminal.ended()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(terminal.modes()).toEqual(expect.arrayContaining(['icanon', 'echo', 'isig', 'opost']));
  });

  it('in the background it leaves the terminal alone', async () => {
    using folder = temporaryFolder();
    const script = 'set -m; $sse_tail --linger 0s --tty -- sh -c "sleep 0.3; echo done" & wait $!; echo "code $?"; cat';
    await using terminal = startAtTerminal(folder.path, script);
    await terminal.url();
    expect(terminal.modes()).toContain('icanon');
    await until('the end', () => terminal.text.includes('code 0'));
    expect(terminal.text).toContain('done');
  });

  it('keys reach a command that was started in the background and is brought to the foreground', async () => {
    using folder = temporaryFolder();
    const script =
      'set -m; $sse_tail --linger 0s --tty -- sh -c \'read x; echo "got $x"\' & read go; fg; echo "code $?"';
    await using terminal = startAtTerminal(folder.path, script);
    await terminal.url();
    await terminal.type('\r');
    await until('raw mode', () => terminal.modes().includes('-icanon'));
    await terminal.type('word\r');
    await until('the end', () => terminal.text.includes('code 0'));
    expect(terminal.text).toContain('got word');
  });
});

describe('rows that are drawn again', () => {
  /**
   * Draws its rows again until the condition holds, and once more with `over` in the place of the count. One process: a
   * shell that starts one for each pause takes so long on a busy machine that its rows are taken for finished.
   */
  const framesUntil = (condition: string) => [
    process.execPath,
    '-e',
    String.raw`const { existsSync } = require('node:fs');
    const check = '\x1b[2K\x1b[32m✔\x1b[0m';
    const draw = (count) => ['db', 'cache', 'web'].map((name) => check + ' ' + name + '  ' + count + '\n').join('');
    let n = 1;
    process.stdout.write('$ up\n' + draw(1));
    const timer = setInterval(() => {
      const isOver = ${condition};
      process.stdout.write('\x1b[3A' + (isOver ? draw('over') + 'finished\n' : draw(++n)));
      if (isOver) clearInterval(timer);
    }, 50);`,
  ];
  let browser: TestBrowser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser[Symbol.asyncDispose]());

  it('become lines once', async () => {
    using folder = temporaryFolder();
    const args = ['-q', '--tty', '--linger', '1m', '--', ...framesUntil('n === 10')];
    await using agent = startAgent(folder.path, args);
    const url = await agent.url();
    await until('the end of the command', () => hasExited(url));
    const check = '\x1b[32m✔\x1b[0m';
    expect(await linesOf(url)).toEqual([
      '$ up',
      ...['db', 'cache', 'web'].map((name) => `${check} ${name}  over`),
      'finished',
    ]);
  });

  it('are shown by the page while they change, and then as lines', async () => {
    using folder = temporaryFolder();
    const args = ['-q', '--tty', '--linger', '1m', '--', ...framesUntil("existsSync('go')")];
    await using agent = startAgent(folder.path, args);
    const page = await browser.open(await agent.url());
    const partials = page.locator('.row.partial .text');
    await until('three rows that change', async () => {
      const rows = await partials.allTextContents();
      return rows.length === 3 && rows.every((row, i) => row.startsWith(`✔ ${['db', 'cache', 'web'][i]}  `));
    });
    await expect.poll(() => lineText(page, 1).textContent()).toBe('$ up');
    writeFileSync(folder.file('go'), '');
    await lineText(page, 5).waitFor();
    await expect
      .poll(() => page.locator('[data-id] .text').allTextContents())
      .toEqual(['$ up', '✔ db  over', '✔ cache  over', '✔ web  over', 'finished']);
    await expect.poll(() => partials.count()).toBe(0);
    expect(browser.complaints).toEqual([]);
  });

  it('can be clicked, selected and gone through with keys while they change, and stay selected as lines', async () => {
    using folder = temporaryFolder();
    const script = `n=0; until [ -e go ]; do n=$((n+1)); echo $n > n
      printf '\\r\\033[2Kfetching http://127.0.0.1:1/ %s\\n\\033[2Kunpacking %s\\033[1A' $n $n; sleep 0.02; done
      printf '\\n\\n'`;
    await using agent = startAgent(folder.path, ['-q', '--tty', '--linger', '1m', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    const link = page.locator('.row.partial .text a');
    await link.waitFor();
    const frames = () => Number(readFileSync(folder.file('n'), 'utf8'));
    const later = async () => {
      const begun = frames();
      await until('many frames', () => frames() > begun + 20);
    };

    const opened = page.waitForEvent('popup');
    // Between being found and being asked it may be drawn anew.
    const box = await until('where the link is', () => link.boundingBox());
    await page.mouse.move(box.x + 20, box.y + 5);
    await page.mouse.down();
    await later();
    await page.mouse.up();
    await (await opened).close();
    await later();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('http://127.0.0.1:1/');

    const selected = () => page.evaluate(() => getSelection()?.toString());
    const unpacking = page.locator('.row.partial .text', { hasText: 'unpacking' });
    await unpacking.dblclick({ position: { x: 20, y: 5 } });
    await later();
    expect(await selected()).toBe('unpacking');
    writeFileSync(folder.file('go'), '');
    await lineText(page, 2).waitFor();
    expect(await selected()).toBe('unpacking');
    expect(browser.complaints).toEqual([]);
  });

  it('stay selected, though they be drawn anew in the frame in which that is done', async () => {
    using folder = temporaryFolder();
    const script = 'n=0; while sleep 0.02; do n=$((n+1)); printf "\\r\\033[2Kunpacking %s" $n; done';
    await using agent = startAgent(folder.path, ['-q', '--tty', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    await page.locator('.row.partial .text', { hasText: 'unpacking' }).waitFor();
    // Selects more or less before each drawing, whose event comes after it.
    const selected = await page.evaluate(async () => {
      const text = document.querySelector('.row.partial .text') as Element;
      const frame = () => new Promise(requestAnimationFrame);
      const found: unknown[] = [];
      for (let at = 0; found.length < 5; at++) {
        const [node, before] = [text.firstChild as Node, text.textContent];
        const length = 1 + (at % 9);
        getSelection()?.setBaseAndExtent(node, 0, node, length);
        await frame();
        if (text.textContent !== before) found.push(getSelection()?.toString() === 'unpacking'.slice(0, length));
      }
      return found;
    });
    expect(selected).toEqual(Array(5).fill(true));
    expect(browser.complaints).toEqual([]);
  });

  it('are selected again when they are lines, though there was none for a moment', async () => {
    using folder = temporaryFolder();
    const wait = (name: string) => `until [ -e ${name} ]; do sleep 0.02; done`;
    const script = `printf unpacking; ${wait('go')}; printf '\\r\\033[2K'; ${wait('back')}; echo unpacked`;
    await using agent = startAgent(folder.path, ['-q', '--tty', '--linger', '1m', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url());
    await page.locator('.row.partial .text', { hasText: 'unpacking' }).dblclick();
    writeFileSync(folder.file('go'), '');
    await page.locator('.row').waitFor({ state: 'detached' });
    // The browser says only then that nothing is selected.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
    writeFileSync(folder.file('back'), '');
    await lineText(page, 1).waitFor();
    expect(await page.evaluate(() => getSelection()?.toString())).toBe('unpacked');
    expect(browser.complaints).toEqual([]);
  });

  it('are copied with all lines that are selected before them', async () => {
    using folder = temporaryFolder();
    const script = 'seq 100; n=0; while sleep 0.02; do n=$((n+1)); printf "\\r\\033[2Kunpacking %s" $n; done';
    await using agent = startAgent(folder.path, ['-q', '--tty', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url(), { height: 400 });
    const unpacking = page.locator('.row.partial .text', { hasText: 'unpacking' });
    await unpacking.waitFor();
    // Before that, what was printed last may have been no lines yet.
    await expect.poll(() => page.locator('.row.partial').count()).toBe(1);
    await page.locator('.scroller').press('Home');
    await lineText(page, 2).click({ position: { x: 1, y: 5 } });
    await page.locator('.scroller').press('End');
    await unpacking.click({ position: { x: 20, y: 5 }, modifiers: ['Shift'] });
    const copied = () =>
      page.evaluate(() => {
        const event = new ClipboardEvent('copy', { clipboardData: new DataTransfer(), cancelable: true });
        document.dispatchEvent(event);
        return event.clipboardData
          ?.getData('text/plain')
          .replace(/\n\w+$/, '\nand the beginning of what is not a line yet');
      });
    const lines = Array.from({ length: 99 }, (_, at) => String(at + 2));
    await expect.poll(copied).toBe([...lines, 'and the beginning of what is not a line yet'].join('\n'));
    expect(browser.complaints).toEqual([]);
  });

  it('are shown where there are more of them than the window has room for', async () => {
    using folder = temporaryFolder();
    const script = 'printf "\\033[?1049h"; seq 39; sleep 60';
    await using agent = startAgent(folder.path, ['-q', '--tty', '--', 'sh', '-c', script]);
    const page = await browser.open(await agent.url(), { height: 400 });
    await page.locator('.row.partial .text', { hasText: '39' }).waitFor();
    expect(await page.locator('.empty').count()).toBe(0);
    await page.locator('.scroller').press('Home');
    await page.locator('.row.partial .text', { hasText: /^1$/ }).waitFor();
    expect(browser.complaints).toEqual([]);
  });

  it('of the alternate screen are shown, and are no lines', async () => {
    using folder = temporaryFolder();
    const alternate =
      'printf "\\033[?1049h\\033[H\\033[2Jfirst\\033[3;1Hthird"; until [ -e go ]; do sleep 0.05; done; printf "\\033[?1049l"';
    const args = ['-q', '--tty', '--linger', '1m', '--', 'sh', '-c', `echo before; ${alternate}; echo after`];
    await using agent = startAgent(folder.path, args);
    const page = await browser.open(await agent.url());
    await until('the alternate screen', async () => {
      const rows = await page.locator('.row.partial .text').allTextContents();
      return rows.length === 3 && rows.join() === 'first,,third';
    });
    writeFileSync(folder.file('go'), '');
    await page.locator('.status[data-state="exited"]').waitFor();
    await expect.poll(() => linesOf(page.url())).toEqual(['before', 'after']);
  });
});
