import { hostInUrl, isLoopback, isWildcard } from '../net/address.ts';
import { machineNames } from '../net/own-addresses.ts';

/** Names under which the agent may be asked: decides over a request's Host header. */
export interface ExpectedHosts {
  accepts(header: string | undefined): boolean;
}

export interface HostOptions {
  /** The address listened on; undefined for a Unix socket. */
  listening: string | undefined;
  /** Further names, each with a port where only that one is meant. */
  allowed: readonly string[];
  /** The port that a Host without one means. */
  defaultPort: '80' | '443';
}

export function expectHosts({ listening, allowed, defaultPort }: HostOptions): ExpectedHosts {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...allowed.map(nameOf)]);
  if (listening !== undefined && !isWildcard(listening)) hosts.add(nameOf(listening));
  const isMachineAsked = listening !== undefined && !isLoopback(listening);
  /** Under its own names, no page of anybody else can be: an attacker's name is not among them. */
  const isMachine = (name: string) => isMachineAsked && machineNames().has(name.replace(/^\[(.*)\]$/, '$1'));

  return {
    accepts(header) {
      const parsed = parseHost(header ?? '', defaultPort);
      if (parsed === undefined) return false;
      return hosts.has(parsed.name) || hosts.has(`${parsed.name}:${parsed.port}`) || isMachine(parsed.name);
    },
  };
}

/** Whether a text can stand in a Host header. */
export function isHost(text: string): boolean {
  return parseHost(hostInUrl(text), '80') !== undefined;
}

/** Lower case, without the root's dot, an IPv6 address in brackets. */
function nameOf(host: string): string {
  return hostInUrl(host).toLowerCase().replace(/\.$/, '');
}

/** RFC 9110, 7.2: `uri-host [ ":" port ]`. */
function parseHost(header: string, defaultPort: string): { name: string; port: string } | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]/?#@\s]+)(?::([0-9]{1,5}))?$/i.exec(header);
  if (match === null) return undefined;
  const [, name = '', port = defaultPort] = match;
  return { name: nameOf(name), port };
}
