import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEntryCodes } from '../../../../agent/server/guard/entry-codes.ts';
import { usersIn, usersOfPeer } from '../../../../agent/server/net/peer-users.ts';

const server = createServer();
let own: Socket;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  [own] = (await once(server, 'connection')) as [Socket];
  server.once('close', () => client.destroy());
});
afterAll(() => {
  own.destroy();
  server.close();
});

it('a code lets in once, and after two minutes not at all', async () => {
  let now = 0;
  const codes = createEntryCodes(() => now);
  const [one, other] = [codes.make(), codes.make()];
  const answers = await Promise.all([codes.redeem(one, own), codes.redeem(one, own)]);
  expect(answers.sort()).toEqual(['accepted', 'unknown']);
  expect(await codes.redeem('another', own)).toBe('unknown');
  now += 120_000;
  expect(await codes.redeem(other, own)).toBe('unknown');
});

it('the other end of a connection is known to be ours', async () => {
  const expected = process.platform === 'linux' ? [process.getuid?.()] : [];
  expect(await usersOfPeer(own)).toEqual(expected);
});

it("another user's connection, which the system lists, is found by its ports", () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1E32 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 39 1 0000 100 0 0 10 0
   1: 0100007F:C350 0100007F:1E32 01 00000000:00000000 00:00000000 00000000  1001        0 47 1 0000 20 4 30 10 -1
   2: 0100007F:1E32 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 48 1 0000 20 4 30 10 -1
`;
  expect(usersIn(table, 0xc350, 0x1e32)).toEqual([1001]);
  expect(usersIn(table, 1, 2)).toEqual([]);
});

it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')('another user is not let in', async () => {
  const { port } = server.address() as AddressInfo;
  const script = `require('node:net').connect(${port}, '127.0.0.1'); setTimeout(() => {}, 60_000)`;
  const connected = once(server, 'connection');
  const other = spawn('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, '-e', script]);
  try {
    const [theirs] = (await connected) as [Socket];
    const codes = createEntryCodes();
    const code = codes.make();
    expect(await codes.redeem(code, theirs)).toBe('foreign');
    expect(await codes.redeem(code, own)).toBe('accepted');
  } finally {
    other.kill('SIGKILL');
  }
});
