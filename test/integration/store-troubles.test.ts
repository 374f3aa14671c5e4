import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nkeys } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { createFileStore } from '../../agent/journal/disk/logs/file-store.ts';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsStore } from '../../agent/journal/nats/logs/nats-store.ts';
import { startPublishing } from '../../agent/journal/nats/publish/publisher.ts';
import type { WritableLog } from '../../agent/journal/store.ts';
import { atEnd, testsSideBySide } from '../support/at-end.ts';
import { until } from '../support/deadline.ts';
import { startFlakyProxy } from '../support/flaky-proxy.ts';
import { freePort } from '../support/free-port.ts';
import { append, idsOf, range, readAll } from '../support/journal.ts';
import { createNatsAccounts } from '../support/nats-accounts.ts';
import { hasNatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { publishLog } from '../support/published-log.ts';
import { tempFolder } from '../support/temp-folder.ts';

testsSideBySide();

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/tls/${name}`, import.meta.url));
const certificate = `tls { cert_file: "${fixture('one.cert.pem')}", key_file: "${fixture('one.key.pem')}" }`;

/** What a gateway says that can't reach its store. */
async function refusalOf(url: string, credentials?: string): Promise<string> {
  const options = { address: parseStoreAddress(url), ...(credentials === undefined ? {} : { credentials }) };
  return openNatsStore(options).then(
    () => 'none',
    (error: Error) => error.message,
  );
}

/** A log of 100 long lines on disk, and what is reported while it is published. */
async function publish(url: string, text = 'x'.repeat(1000)) {
  const store = await createFileStore({ dir: await tempFolder() });
  const log: WritableLog = await store.create({ kind: 'stdin', name: 'log', cwd: '/' });
  for (const first of range(0, 9)) {
    await append(
      log.journal,
      range(first * 10 + 1, first * 10 + 10).map((id) => `${id} ${text}`),
    );
  }
  const reports: string[] = [];
  const publisher = startPublishing({ log, address: parseStoreAddress(url), report: (line) => reports.push(line) });
  atEnd(async () => {
    await publisher.close();
    await store.close();
  });
  return { log, publisher, reports };
}

describe.skipIf(!hasNatsServer).concurrent(natsTitle('a store that refuses says why in one sentence'), () => {
  test('nothing listens, a password is wrong, credentials have expired or are not there', async () => {
    expect(await refusalOf(`nats://127.0.0.1:${await freePort()}`)).toMatch(/^Nothing listens at nats:\/\/[\d.:]+\.$/);
    await using server = await startNatsServer('authorization { user: al, password: right }');
    const place = server.url.slice('nats://'.length);
    expect(await refusalOf(`nats://al:wrong@${place}`)).toBe(
      `${server.url} does not accept the credentials: check user, token or credentials file.`,
    );
    expect(await refusalOf(`nats://al:right@${place}`)).toBe('none');
    const creds = join(await tempFolder(), 'expired.creds');
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const jwt = [part({ typ: 'JWT' }), part({ exp: 1_000_000_000, sub: 'U' }), part({ signature: 1 })].join('.');
    const seed = Buffer.from(nkeys.createUser().getSeed()).toString();
    await writeFile(
      creds,
      `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`,
    );
    expect(await refusalOf(server.url, creds)).toBe(
      `${server.url} does not accept the credentials: they have expired.`,
    );
    await writeFile(creds, `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n`);
    expect(await refusalOf(server.url, creds)).toBe(
      `The file ${creds} contains no NATS credentials (a JWT and a seed).`,
    );
    expect(await refusalOf(server.url, '/nowhere')).toMatch(/^The credentials file \/nowhere can't be read: /);
  });

  test('credentials expire while they are used: once there are new ones in their file, agent and gateway go on', async () => {
    const accounts = createNatsAccounts();
    await using server = await startNatsServer(accounts.config);
    await using proxy = await startFlakyProxy(() => server.port);
    const path = join(await tempFolder(), 'job.creds');
    const seconds = () => Math.floor(Date.now() / 1000);
    const expires = seconds() + 6;
    await writeFile(path, accounts.credentials(expires));
    const { log, publisher } = await publishLog(server.url, { credentials: path });
    await append(log.journal, ['1']);
    expect(await publisher.acknowledged(5000)).toBe(true);
    const gatewayUrl = `nats://127.0.0.1:${proxy.port}`;
    const store = await openNatsStore({ address: parseStoreAddress(gatewayUrl), credentials: path });
    atEnd(() => store.close());
    const read = await store.get(log.info.id);
    const announced: number[] = [];
    read?.journal.subscribe({ onBlock: ({ firstId }) => announced.push(firstId) });
    const sentence = (url: string) => `${url} does not accept the credentials: they have expired.`;
    await until('the gateway says so', () => read?.delivery?.startsWith(sentence(gatewayUrl)));
    await append(log.journal, ['2']);
    await until('the agent says so', () => log.delivery?.startsWith(sentence(server.url)));
    // Whoever replaces a file may not do it at once.
    await writeFile(path, '-----BEGIN NATS USER JWT-----\n');
    // Viewers get to know it as well: without the path.
    await until('the agent says so', () =>
      log.delivery?.startsWith('The credentials file contains no NATS credentials'),
    );
    const { connections } = proxy;
    await until('the gateway tries twice', () => proxy.connections > connections + 1);
    expect(read?.delivery).toMatch(sentence(gatewayUrl));
    await writeFile(path, accounts.credentials(seconds() + 3600));
    expect(await publisher.acknowledged(15_000)).toBe(true);
    await until('the next line', () => announced.includes(2));
    expect(read?.delivery).toBeUndefined();
  });

  test('it is away: whoever runs the gateway is told once, and that it is back', async () => {
    await using server = await startNatsServer();
    const reports: string[] = [];
    const report = (sentence: string) => reports.push(sentence);
    const store = await openNatsStore({ address: parseStoreAddress(server.url), report });
    atEnd(() => store.close());
    await server.kill();
    await until('that it is away', () => reports.length > 0);
    await server.start();
    await until('that it is back', () => reports.length > 1);
    expect(reports).toEqual([
      `${server.url} does not answer. New lines come once it does; nothing is lost.`,
      `${server.url} answers again.`,
    ]);
  });

  test('its certificate is not trusted, or for another name', async () => {
    await using server = await startNatsServer(certificate, '127.0.0.2');
    const url = server.url.replace('nats:', 'tls:');
    expect(await refusalOf(url)).toBe(
      `The certificate of ${url} is not trusted: name its authority in NODE_EXTRA_CA_CERTS.`,
    );
    const main = fileURLToPath(new URL('../../agent/main.ts', import.meta.url));
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: fixture('one.cert.pem') };
    const listing = promisify(execFile)(process.execPath, ['--import', 'tsx', main, 'logs', '--store', url], { env });
    await expect(listing).rejects.toMatchObject({
      stderr: `sse-tail: The certificate of ${url} is for another host name: connect to a name that it holds.\n`,
    });
  });

  test('it takes no message as large as a line: nothing is lost, and it goes on once it does', async () => {
    await using server = await startNatsServer('max_payload: 8192');
    const { publisher, reports } = await publish(server.url, 'no two parts of it are alike '.repeat(10));
    expect(await publisher.acknowledged(10_000)).toBe(true);
    expect(reports).toEqual([]);
    const random = Buffer.from(range(1, 20_000).map(() => 33 + Math.floor(Math.random() * 90))).toString('latin1');
    const long = await publish(`${server.url}?name=long`, random);
    await until('the reason is reported', () => long.reports.length > 0);
    expect(long.reports[0]).toMatch(/takes messages of 8192 bytes, and line 1 needs \d+: set max_payload to 1MB\./);
    expect(long.publisher.unacknowledged).toBe(100);
  });

  test('it takes no message at all that is large enough', async () => {
    await using server = await startNatsServer('max_payload: 2048');
    const { reports } = await publish(server.url);
    await until('the reason is reported', () => reports.length > 0);
    expect(reports[0]).toMatch(
      /takes messages of 2048 bytes, and line 1 needs 4096: set max_payload to 1MB\. 100 lines/,
    );
  });

  test('it is full: what has no room waits here, and older lines than it keeps are told as a gap', async () => {
    await using server = await startNatsServer();
    const random = () => Buffer.from(range(1, 3000).map(() => 33 + Math.floor(Math.random() * 90))).toString('latin1');
    const url = `${server.url}?shards=1&max-bytes=300KiB`;
    const { log, publisher } = await publish(url, random());
    // In batches, so that the oldest can go.
    for (const id of range(101, 300)) await append(log.journal, [`${id} ${random()}`]);
    expect(await publisher.acknowledged(20_000)).toBe(true);
    const store = await openNatsStore({ address: parseStoreAddress(url) });
    atEnd(() => store.close());
    const read = await store.get(log.info.id);
    const given = read === undefined ? [] : await readAll(read.journal);
    expect(given[0]).toMatchObject({ from: 1, reason: 'retention' });
    expect(idsOf(given).at(-1)).toBe(300);
    expect(read?.journal.firstId).toBe(idsOf(given)[0]);
  });
});
