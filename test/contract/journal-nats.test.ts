import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, connectStore } from '../../agent/journal/nats/cluster/client.ts';
import { type OpenedLayout, openLayout } from '../../agent/journal/nats/cluster/layout.ts';
import { openLogSubject } from '../../agent/journal/nats/cluster/log-subject.ts';
import { parseStoreAddress } from '../../agent/journal/nats/cluster/store-address.ts';
import { openNatsJournal } from '../../agent/journal/nats/nats-journal.ts';
import { createBatchCache } from '../../agent/journal/nats/read/batch-cache.ts';
import { blockBytes } from '../../agent/journal/nats/read/nats-cursor.ts';
import { defined } from '../../agent/words/defined.ts';
import { hasNatsServer, type NatsServer, natsTitle, startNatsServer } from '../support/nats-server.ts';
import { journalSuite } from './journal-suite.ts';

describe.skipIf(!hasNatsServer)(natsTitle('NATS JetStream'), () => {
  let server: NatsServer;
  let client: Client;
  let opened: OpenedLayout;
  let logs = 0;

  beforeAll(async () => {
    server = await startNatsServer();
    client = await connectStore({ address: parseStoreAddress(`${server.url}?shards=2`), reconnects: true });
    opened = await openLayout(client);
  });

  afterAll(async () => {
    await client?.close();
    await server?.stop();
  });

  const cache = createBatchCache(1024 * 1024, blockBytes);

  journalSuite('a journal in a stream', async () => {
    const subject = openLogSubject(client, opened.layout, opened.manager, `contract.log-${++logs}`);
    // As gateways have it, in turn: with a memory for what was just read, and without.
    const shared = logs % 2 === 0 ? { cache } : {};
    return { open: (retainBytes) => openNatsJournal(subject, { ...shared, ...defined({ retainBytes }) }) };
  });

  // A server takes a purge up to 1, or to 0, for one without an end.
  test('what is before a batch goes, and the batch stays, also where it is the first message of a stream', async () => {
    await using fresh = await startNatsServer();
    const client = await connectStore({ address: parseStoreAddress(`${fresh.url}?shards=1`), reconnects: true });
    const { layout, manager } = await openLayout(client);
    const subject = openLogSubject(client, layout, manager, 'log');
    let expectedSeq = 0;
    for (const id of [1, 2, 3]) {
      const head = { firstId: id, lastId: id, epochs: [{ epoch: 1, from: 1 }], offset: 0, length: 0 };
      expectedSeq = await subject.store(head, { bytes: Buffer.alloc(0), isCompressed: false }, { expectedSeq });
    }
    for (const seq of [1, 2, 3]) {
      await subject.purge(seq);
      expect(await subject.next(1)).toMatchObject({ seq, firstId: seq });
      expect(await subject.last()).toMatchObject({ seq: 3 });
    }
    await client.close();
  });
});
