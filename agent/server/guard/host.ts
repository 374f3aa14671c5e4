import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { hostInUrl } from '../net/address.ts';
import { machineNames } from '../net/own-addresses.ts';

/** Names under which the agent may be asked: decides over a request's Host header. */
export interface ExpectedHosts {
  accepts(header: string | undefined): boolean;
}

export interface HostOptions {
  /**
   * Further names: `logs.example.com`, each with a port where only that one is meant; `.example.dev` is that name and
   * all below it, `*.example.dev` all below it.
   */
  allowed: readonly string[];
  /** The port that a Host without one means. */
  defaultPort: '80' | '443';
}

/**
 * What an attacker's page can't be under: an IP address (nobody resolves it), `localhost` and what is below it
 * (browsers resolve these themselves), this machine's own name, and what the user allowed.
 */
export function expectHosts({ allowed, defaultPort }: HostOptions): ExpectedHosts {
  const patterns = allowed.map(patternOf);
  return {
    accepts(header) {
      const host = parseHost(header ?? '', defaultPort);
      if (host === undefined) return false;
      return isAddress(host.name) || isLocal(host.name) || patterns.some((matches) => matches(host));
    },
  };
}

/** Whether a text names hosts that can be allowed. */
export function isHost(text: string): boolean {
  return parseHost(hostInUrl(text.replace(/^(?:\*?\.)/, '')), '80')?.name.includes('*') === false;
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

function isLocal(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || machineNames().has(name);
}

interface Host {
  /** Lower case, in ASCII, without the root's dot; an IPv6 address in brackets. */
  name: string;
  port: string;
}

function patternOf(allowed: string): (host: Host) => boolean {
  const [, wildcard = '', rest = ''] = /^(\*?\.)?(.*)$/s.exec(allowed) ?? [];
  const { name, port } = parseHost(hostInUrl(rest), '') ?? { name: rest, port: '' };
  return (host) => {
    if (port !== '' && port !== host.port) return false;
    if (wildcard !== '' && host.name.endsWith(`.${name}`)) return true;
    return wildcard !== '*.' && host.name === name;
  };
}

/** RFC 9110, 7.2: `uri-host [ ":" port ]`. */
function parseHost(header: string, defaultPort: string): Host | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[^:[\]/?#@\s]+)(?::([0-9]{1,5}))?$/i.exec(header);
  if (match === null) return undefined;
  const [, given = '', port = defaultPort] = match;
  const name = given.toLowerCase().replace(/\.$/, '');
  // A name that is typed as its users write it comes as `xn--…`.
  return { name: /[^ -~]/.test(name) ? domainToASCII(name) : name, port };
}
