import { SseTailError } from '../../../words/errors.ts';
import { parseDuration, parseSize } from '../../../words/units.ts';

/** Where a store of many machines is, and how it is laid out when it is first used. */
export interface StoreAddress {
  /** `host:port` of some servers of the cluster. */
  servers: string[];
  isTls: boolean;
  user?: string;
  password?: string;
  token?: string;
  /** What its streams, bucket and subjects begin with: several stores can share one cluster. */
  name: string;
  /** Copies of each stream: 1, 3 or 5. */
  replicas: number;
  /** Streams over which the logs are spread. Fixed once the store exists. */
  shards: number;
  /** Most bytes in all, and the greatest age; the oldest batches go first. */
  maxBytes?: number;
  maxAgeMs?: number;
  /** How often the servers sync their files, as they don't tell it; 0 where they do so before each ack. */
  syncMs: number;
  /** The address without what is secret: for people to read. */
  shown: string;
}

const expected = 'an address such as nats://host:4222 or tls://one:4222,two:4222?replicas=3';
/** Where an address is malformed, any part of it may belong to a password with an unescaped `@`, `/` or `?`. */
const unshown = 'What was given is not shown: it may contain a secret';
const encode = 'Percent-encode @, /, ? and : in user, password and token';
const settings = ['name', 'replicas', 'shards', 'max-bytes', 'max-age', 'sync-interval'];
const mostShards = 1024;
const defaultShards = 16;
const defaultPort = 4222;
/** What the subjects of another store would be, and be stored there. */
const reservedName = /-(?:fresh|live|writer)$/;
/** NATS' own. */
const defaultSyncMs = 2 * 60_000;

/**
 * `nats://[user:password@|token@]host[:port][,host[:port]…][?replicas=3&max-bytes=50GiB&max-age=720h&…]`.
 *
 * @throws SseTailError kind `usage`; the message shows nothing of the address
 */
export function parseStoreAddress(text: string): StoreAddress {
  const parts = /^(nats|tls):\/\/(?:([^@/?]*)@)?([^@/?]+)\/?(?:\?([^@]*))?$/.exec(text);
  if (parts === null) throw malformed();
  const [, scheme = '', secret, hosts = '', query = ''] = parts;
  const servers = hosts.split(',').map(serverOf);
  const given = new URLSearchParams(query);
  for (const key of given.keys()) {
    if (!settings.includes(key)) {
      throw refusal(`takes only ${settings.join(', ')} after the question mark. ${encode}. ${unshown}.`);
    }
  }
  const number = (key: string, standard: number, fits: (value: number) => boolean, expects: string): number => {
    const value = given.get(key);
    if (value === null) return standard;
    if (!/^\d+$/.test(value) || !fits(Number(value))) throw mistake(`expects ${expects} for ${key}`);
    return Number(value);
  };
  const name = given.get('name') ?? 'sse-tail';
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(name) || reservedName.test(name)) {
    throw mistake('expects up to 32 letters, digits, - and _ for name, not ending in -fresh, -live or -writer');
  }
  const isSyncedAlways = given.get('sync-interval') === 'always';
  const maxBytes = amount('max-bytes', parseSize, 'a size such as 50GiB');
  const maxAgeMs = amount('max-age', parseDuration, 'an age such as 720h');
  return {
    servers,
    isTls: scheme === 'tls',
    ...secretsOf(secret),
    name,
    replicas: number('replicas', 1, (value) => [1, 3, 5].includes(value), '1, 3 or 5'),
    shards: number('shards', defaultShards, (value) => value >= 1 && value <= mostShards, 'a number from 1 to 1024'),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
    syncMs: isSyncedAlways
      ? 0
      : (amount('sync-interval', parseDuration, 'always, or an interval such as 2m') ?? defaultSyncMs),
    shown: `${scheme}://${servers.join(',')}`,
  };

  function amount(key: string, parse: (text: string) => number | undefined, expects: string): number | undefined {
    const value = given.get(key);
    if (value === null) return undefined;
    const parsed = parse(value);
    if (!parsed) throw mistake(`expects ${expects} for ${key}`);
    return parsed;
  }
}

/** The part of an address that must not be shown, decoded as it is used and as it was given. */
export function secretsInAddress(text: string): string[] {
  // Up to the last `@`: an unescaped one may be a part of the password.
  const userInfo = /^(?:[a-z]+:\/\/)?(.*)@/s.exec(text)?.[1];
  if (userInfo === undefined) return [];
  const { password, token } = secretsOf(userInfo);
  const secret = password ?? token ?? '';
  return [...new Set([userInfo, userInfo.slice(userInfo.indexOf(':') + 1), secret])].filter((one) => one !== '');
}

function secretsOf(userInfo: string | undefined): Pick<StoreAddress, 'user' | 'password' | 'token'> {
  if (userInfo === undefined || userInfo === '') return {};
  const at = userInfo.indexOf(':');
  if (at === -1) return { token: decoded(userInfo) };
  return { user: decoded(userInfo.slice(0, at)), password: decoded(userInfo.slice(at + 1)) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function serverOf(host: string): string {
  const parts = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/.exec(host);
  const port = Number(parts?.[2] ?? defaultPort);
  if (parts === null || port < 1 || port > 65_535) throw malformed();
  return `${parts[1]}:${port}`;
}

function malformed(): SseTailError {
  return refusal(`expects ${expected}. ${encode}. ${unshown}.`);
}

/** Even the value of a setting may belong to a password that holds a `?`, where somebody forgot the `@`. */
function mistake(what: string): SseTailError {
  return refusal(`${what}. ${unshown}.`);
}

function refusal(what: string): SseTailError {
  return new SseTailError('usage', `--store ${what}`, { option: '--store' });
}
