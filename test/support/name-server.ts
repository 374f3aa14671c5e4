import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** A name server that knows one name. Its disposal ends it. */
export interface NameServer extends AsyncDisposable {
  readonly port: number;
  /** IPv4 addresses of the name; may change at any time. */
  addresses: readonly string[];
}

const typeA = 1;
const headerBytes = 12;

/** Answers any name with the same addresses, as Docker's does for the replicas of a service. */
export async function startNameServer(addresses: readonly string[]): Promise<NameServer> {
  const socket = createSocket('udp4').on('message', (query, { port, address }) => {
    socket.send(answerTo(query, server.addresses), port, address);
  });
  const server: NameServer = {
    port: 0,
    addresses,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return Object.assign(server, { port: socket.address().port });
}

/** RFC 1035, section 4: the question again, and one record for each address. */
function answerTo(query: Buffer, addresses: readonly string[]): Buffer {
  const questionEnd = query.indexOf(0, headerBytes) + 5;
  const isA = query.readUInt16BE(questionEnd - 4) === typeA;
  const records = (isA ? addresses : []).map((address) =>
    // The name of the question, type A, class IN, for one second, four bytes.
    Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]),
  );
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(headerBytes, questionEnd), ...records]);
}
