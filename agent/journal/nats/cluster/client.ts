import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, type ConnectionOptions as SecureOptions } from 'node:tls';
import type { ConnectionOptions, Msg, MsgHdrs, NatsConnection, TlsOptions } from '@nats-io/transport-node';
import { causeOf, errorCode, SseTailError } from '../../../words/errors.ts';
import type { StoreAddress } from './store-address.ts';

/** A connection to the cluster, and what the rest of this directory uses of the client library. */
export interface Client {
  readonly connection: NatsConnection;
  readonly headers: () => MsgHdrs;
  /** The largest message that the server takes, headers included. */
  readonly maxPayload: number;
  readonly address: StoreAddress;
  /** Why there is no connection, in one sentence. */
  troubleOf(error: unknown): string;
  close(): Promise<void>;
}

export interface ClientOptions {
  address: StoreAddress;
  /** Path of a credentials file. */
  credentials?: string;
  /**
   * True: connects again by itself for as long as it lives. False: it is closed when the connection breaks, for who has
   * to compare what both sides hold first.
   */
  reconnects: boolean;
}

const connectMs = 5000;
/** A peer that is stopped, and not gone, is noticed after two of them. */
const pingMs = 10_000;
const reconnectMs = 2000;
/** Gateways that lost their server in the same instant do not come back in the same one. */
const reconnectSpread = 0.2;

/**
 * @throws SseTailError kind `usage` where the packages are not installed or the credentials can't be read, `journal`
 * where no server can be reached or lets us in: one sentence
 */
export async function connectStore({ address, credentials, reconnects }: ClientOptions): Promise<Client> {
  const library = await loadLibrary();
  const areUsable = (file: Uint8Array) => {
    try {
      return library.credsAuthenticator(file)('any nonce') !== undefined;
    } catch {
      return false;
    }
  };
  const creds = credentials === undefined ? undefined : openCredentials(credentials, areUsable);
  const troubleOf = (error: unknown) => connectTrouble(error, address, creds !== undefined && isExpired(creds()));
  const options: ConnectionOptions = {
    servers: address.servers.map((server) => `${address.isTls ? 'tls' : 'nats'}://${server}`),
    name: 'sse-tail',
    timeout: connectMs,
    pingInterval: pingMs,
    reconnect: reconnects,
    maxReconnectAttempts: -1,
    reconnectDelayHandler: createReconnectDelay(),
    // An operator may put new credentials in place while it tries.
    ignoreAuthErrorAbort: reconnects,
    noAsyncTraces: true,
    ...(address.isTls ? { tls: tlsOptions(address) } : {}),
    ...(address.user === undefined ? {} : { user: address.user, pass: address.password ?? '' }),
    ...(address.token === undefined ? {} : { token: address.token }),
    ...(creds === undefined ? {} : { authenticator: library.credsAuthenticator(creds) }),
  };
  let connection: NatsConnection;
  try {
    connection = await library.connect(options);
  } catch (error) {
    throw new SseTailError('journal', troubleOf(error), { store: address.shown }, error);
  }
  return {
    connection,
    headers: library.headers,
    maxPayload: connection.info?.max_payload ?? 1024 * 1024,
    address,
    troubleOf,
    close: () => connection.close(),
  };
}

/**
 * The library counts from its last try by the clock: one that was set back meanwhile would keep it from the next one
 * for as long as that. Returns milliseconds, or that the next try is due whatever the clock says.
 */
function createReconnectDelay(): () => number {
  let nextAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now < nextAt) return nextAt - now;
    nextAt = now + reconnectMs * (1 + reconnectSpread * (Math.random() - 0.5));
    return Number.NEGATIVE_INFINITY;
  };
}

/**
 * Calls back with each message under a subject from now on, until the returned function is called or the connection is
 * closed. Whatever the callback throws is dropped with its message: in the library it would end the reading of the
 * connection, which then answers nobody until the server's pings show it, half a minute later.
 */
export function listen(connection: NatsConnection, subject: string, onMessage: (message: Msg) => void): () => void {
  const subscription = connection.subscribe(subject, {
    callback(error, message) {
      if (error !== null) return;
      try {
        onMessage(message);
      } catch {
        // Of a stranger, or for a connection that is being closed.
      }
    },
  });
  return () => subscription.unsubscribe();
}

/**
 * Node takes the certificate for one of `localhost` where a server is named by its IP address, as the library tells it
 * no name then: anybody who holds a trusted certificate for localhost could stand in between.
 */
function tlsOptions({ servers }: StoreAddress): TlsOptions {
  const hosts = servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[|\]$/g, ''));
  const options: SecureOptions = {
    checkServerIdentity(name, certificate) {
      if (name !== 'localhost' || hosts.includes(name)) return checkServerIdentity(name, certificate);
      const refusals = hosts.filter((host) => isIP(host) > 0).map((host) => checkServerIdentity(host, certificate));
      return refusals.includes(undefined) ? undefined : (refusals[0] ?? checkServerIdentity(name, certificate));
    },
  };
  return options as TlsOptions;
}

async function loadLibrary(): Promise<typeof import('@nats-io/transport-node')> {
  try {
    return await import('@nats-io/transport-node');
  } catch (error) {
    const packages = '@nats-io/transport-node @nats-io/jetstream @nats-io/kv';
    throw new SseTailError(
      'usage',
      `--store needs packages that are not installed: npm install ${packages}.`,
      {},
      error,
    );
  }
}

/**
 * Credentials as their file has them: those of a job last for an hour or so, and before they expire new ones take their
 * place. While the file can't be read, or is half written, the last ones.
 *
 * @param areUsable whether the library takes them
 * @throws SseTailError kind `usage` where it can't be read at first, or holds none
 */
function openCredentials(path: string, areUsable: (file: Uint8Array) => boolean): () => Uint8Array {
  let last: Uint8Array;
  try {
    last = readFileSync(path);
  } catch (error) {
    const saying = (which: string) => `The credentials file${which} can't be read: ${causeOf(error)}.`;
    throw new SseTailError('usage', saying(` ${path}`), { path, forViewers: saying('') }, error);
  }
  if (!areUsable(last)) {
    const saying = (which: string) => `The ${which} contains no NATS credentials (a JWT and a seed).`;
    throw new SseTailError('usage', saying(`file ${path}`), { path, forViewers: saying('credentials file') });
  }
  return () => {
    try {
      const now = readFileSync(path);
      if (areUsable(now)) last = now;
    } catch {
      // It may be back when they are needed next.
    }
    return last;
  };
}

/** The server says only that it does not let us in; the credentials themselves say until when they are good. */
function isExpired(credentials: Uint8Array): boolean {
  const claims = /^[\w-]+\.([\w-]+)\.[\w-]+\s*$/m.exec(Buffer.from(credentials).toString())?.[1];
  try {
    const { exp = 0 } = JSON.parse(Buffer.from(claims ?? '', 'base64url').toString());
    return exp > 0 && exp * 1000 < Date.now();
  } catch {
    return false;
  }
}

/** Why there is no connection, in one sentence. */
function connectTrouble(error: unknown, { shown }: StoreAddress, isCredsExpired: boolean): string {
  const chain = causes(error);
  const has = (pattern: RegExp) => chain.some((one) => pattern.test(`${one.name}: ${one.message}`));
  const code = chain.map(errorCode).find((one) => one !== undefined && one !== '');
  if (isCredsExpired || has(/expired/i)) return `${shown} does not accept the credentials: they have expired.`;
  if (has(/authorization|authentication/i)) {
    return `${shown} does not accept the credentials: check user, token or credentials file.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || has(/altnames/i)) {
    return `The certificate of ${shown} is for another host name: connect to a name that it holds.`;
  }
  if (has(/certificate|self.signed|issuer/i)) {
    return `The certificate of ${shown} is not trusted: name its authority in NODE_EXTRA_CA_CERTS.`;
  }
  if (has(/secure|tls|ssl/i))
    return `The TLS handshake with ${shown} failed: use tls:// if the server requires TLS, and nats:// if it has none.`;
  if (code === 'ECONNREFUSED' || has(/refused/i)) return `Nothing listens at ${shown}.`;
  if (has(/timeout/i)) return `${shown} does not answer.`;
  return `${shown} can't be reached: ${causeOf(chain.at(-1) ?? error)}.`;
}

function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error && chain.length < 8; one = one.cause) chain.push(one);
  return chain;
}
