import { afterAll, beforeAll, describe } from 'vitest';
import { type Client, connectStore } from '../../agent/journal/nats/client.ts';
import { type OpenedLayout, openLayout } from '../../agent/journal/nats/layout.ts';
import { openLogSubject } from '../../agent/journal/nats/log-subject.ts';
import { openNatsJournal } from '../../agent/journal/nats/nats-journal.ts';
import { parseStoreAddress } from '../../agent/journal/nats/store-address.ts';
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

  journalSuite('a journal in a stream', async () => {
    const log = `contract.log-${++logs}`;
    return {
      open: (retainBytes) =>
        openNatsJournal(
          openLogSubject(client, opened.layout, opened.manager, log),
          retainBytes === undefined ? {} : { retainBytes },
        ),
    };
  });
});
