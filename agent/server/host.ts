import { isIPv6 } from 'node:net';

/** Names under which the agent may be asked: decides over a request's Host header. */
export interface ExpectedHosts {
  accepts(header: string | undefined): boolean;
}

/** Whether listening on it reaches this machine only. */
export function isLoopback(host: string): boolean {
  const name = nameOf(host);
  return name === 'localhost' || name === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name);
}

/** A host as it stands in a URL: an IPv6 address in brackets. */
export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

/**
 * @param listening the address listened on
 * @param allowed further names, each with a port where only that one is meant
 */
export function expectHosts(listening: string, allowed: readonly string[]): ExpectedHosts {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', nameOf(listening)]);
  for (const host of allowed) hosts.add(nameOf(host));

  return {
    accepts(header) {
      const parsed = parseHost(header ?? '');
      if (parsed === undefined) return false;
      return hosts.has(parsed.name) || hosts.has(`${parsed.name}:${parsed.port}`);
    },
  };
}

/** Lower case, without the root's dot, an IPv6 address in brackets. */
function nameOf(host: string): string {
  return hostInUrl(host).toLowerCase().replace(/\.$/, '');
}

/** RFC 9110, 7.2: `uri-host [ ":" port ]`; without a port it is that of http. */
function parseHost(header: string): { name: string; port: string } | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]/?#@\s]+)(?::([0-9]{1,5}))?$/i.exec(header);
  if (match === null) return undefined;
  const [, name = '', port = '80'] = match;
  return { name: nameOf(name), port };
}
