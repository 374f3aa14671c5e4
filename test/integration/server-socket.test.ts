import { once } from 'node:events';
import { existsSync, linkSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { within } from '../support/deadline.ts';
import { ask, open } from '../support/http-client.ts';
import { serveLog } from '../support/served-log.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { exited, spawnTypescript } from '../support/typescript-process.ts';

const socketPathIn = async () => join(await tempFolder(), 'log.sock');
const url = (path: string) => `http://localhost/${path}`;

describe('a Unix socket', () => {
  it("serves the log, and is its owner's alone under a loose umask", async () => {
    const umask = process.umask(0);
    onTestFinished(() => {
      process.umask(umask);
    });
    const socketPath = await socketPathIn();
    await using served = await serveLog({ lines: 1, socketPath });
    expect(process.umask()).toBe(0);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect([served.server.url, served.server.entryUrl, served.server.port]).toEqual([
      `unix:${socketPath}`,
      `unix:${socketPath}`,
      0,
    ]);
    expect((await ask(url('raw'), { socketPath })).body).toBe('line 1\n');
    using stream = await open(url('events'), { socketPath });
    await served.append(['live']);
    await stream.until('the live line', ({ ids }) => ids.includes(2));
  });

  it('is open to others where that is asked for, by mode and by group', async () => {
    const own = process.getgid?.() as number;
    const modes = [
      [{ socketMode: 0o666 }, 0o666],
      [{ socketGroup: String(own) }, 0o660],
      [{ socketGroup: String(own), socketMode: 0o620 }, 0o620],
    ] as const;
    for (const [sharing, mode] of modes) {
      const socketPath = await socketPathIn();
      await using _ = await serveLog({ lines: 1, socketPath, ...sharing });
      expect(statSync(socketPath)).toMatchObject({ gid: own });
      expect(statSync(socketPath).mode & 0o777).toBe(mode);
    }
  });

  it.runIf(process.getuid?.() === 0)('belongs to a group by its name', async () => {
    const socketPath = await socketPathIn();
    await using _ = await serveLog({ lines: 1, socketPath, socketGroup: 'nogroup' });
    expect(statSync(socketPath)).toMatchObject({ uid: 0, gid: 65534 });
  });

  it('for a group that there is not, says so and leaves nothing', async () => {
    const socketPath = await socketPathIn();
    await expect(serveLog({ socketPath, socketGroup: 'no-such-group' })).rejects.toMatchObject({
      kind: 'usage',
      message: '--socket-group expects a group of this machine, but got "no-such-group".',
    });
    expect(existsSync(socketPath)).toBe(false);
  });

  it('is gone when the server is closed', async () => {
    const socketPath = await socketPathIn();
    const served = await serveLog({ socketPath });
    await served[Symbol.asyncDispose]();
    expect(existsSync(socketPath)).toBe(false);
  });

  it('asks for the token where one was given, and for an expected Host', async () => {
    const socketPath = await socketPathIn();
    const token = 'a-token-for-tests-only';
    await using _ = await serveLog({ lines: 1, socketPath, access: { token } });
    expect((await ask(url('raw'), { socketPath })).status).toBe(401);
    expect((await ask(url('raw'), { socketPath, headers: { Authorization: `Bearer ${token}` } })).status).toBe(200);
    expect((await ask(url('raw'), { socketPath, headers: { Host: 'evil.example' } })).status).toBe(403);
  });

  it('that a killed process left is taken over', async () => {
    const socketPath = await socketPathIn();
    const dead = await spawnTypescript('socket-holder.ts', [socketPath]);
    await within('a listener', once(dead.stdout, 'data'));
    dead.kill('SIGKILL');
    await exited(dead);
    expect(existsSync(socketPath)).toBe(true);
    await using _ = await serveLog({ lines: 1, socketPath });
    expect((await ask(url('raw'), { socketPath })).body).toBe('line 1\n');
  });

  it('that somebody listens on is left alone', async () => {
    const socketPath = await socketPathIn();
    await using _ = await serveLog({ lines: 1, socketPath });
    await expect(serveLog({ socketPath })).rejects.toMatchObject({
      kind: 'address',
      message: `Another process is already listening on ${socketPath}.`,
    });
    expect((await ask(url('raw'), { socketPath })).body).toBe('line 1\n');
  });

  it('of two that find a dead one, one takes it over and the other is told', async () => {
    for (let round = 0; round < 10; round++) {
      const socketPath = await socketPathIn();
      const dead = createServer().listen(socketPath);
      await new Promise((resolve) => dead.once('listening', resolve));
      // Its listener goes without taking the path along, as a killed process does.
      const kept = `${socketPath}.kept`;
      linkSync(socketPath, kept);
      await new Promise((resolve) => dead.close(resolve));
      renameSync(kept, socketPath);
      const takers = await Promise.allSettled(Array.from({ length: 2 }, () => serveLog({ lines: 1, socketPath })));
      const winners = takers.flatMap((taker) => (taker.status === 'fulfilled' ? [taker.value] : []));
      expect(winners).toHaveLength(1);
      expect((await ask(url('raw'), { socketPath })).body).toBe('line 1\n');
      await winners[0]?.[Symbol.asyncDispose]();
    }
  });

  it('does not take the place of anything else', async () => {
    const socketPath = await socketPathIn();
    writeFileSync(socketPath, 'precious');
    await expect(serveLog({ socketPath })).rejects.toMatchObject({
      kind: 'address',
      message: expect.stringContaining('not a socket'),
    });
    const link = `${socketPath}.link`;
    symlinkSync('/dev/null', link);
    await expect(serveLog({ socketPath: link })).rejects.toMatchObject({ kind: 'address' });
    expect(existsSync(link)).toBe(true);
    await expect(serveLog({ socketPath: '/nowhere/x.sock' })).rejects.toMatchObject({
      kind: 'address',
      message: "Can't listen on /nowhere/x.sock: the directory /nowhere does not exist.",
    });
    await expect(serveLog({ socketPath: '/proc/x.sock' })).rejects.toMatchObject({
      kind: 'address',
      message: "Can't listen on /proc/x.sock: permission is denied (EACCES).",
    });
    await expect(serveLog({ socketPath: `/tmp/${'x'.repeat(200)}` })).rejects.toMatchObject({ kind: 'address' });
  });
});
