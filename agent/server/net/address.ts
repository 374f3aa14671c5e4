import { isIP, isIPv6, type Socket } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Who is at the other end: an IPv4 address that came over an IPv6 socket is one; '' on a Unix socket. */
export function clientAddress(socket: Socket): string {
  const { remoteAddress } = socket;
  return remoteAddress === undefined ? '' : ipaddr.process(remoteAddress).toString();
}

/**
 * What is counted as one client: an IPv4 address, or the network of 2^64 that whoever has an IPv6 address has at
 * least.
 */
export function networkOf(address: string): string {
  if (!isVersion6(address)) return address;
  const { parts } = ipaddr.IPv6.parse(address);
  const network = parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}

/** Whether listening on it reaches this machine only. */
export function isLoopback(host: string): boolean {
  const name = host
    .toLowerCase()
    .replace(/\.$/, '')
    .replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || (isIP(name) !== 0 && ipaddr.process(name).range() === 'loopback');
}

/** Whether listening on it means all addresses of this machine. */
export function isWildcard(host: string): boolean {
  return isIP(host) !== 0 && ipaddr.process(host).range() === 'unspecified';
}

/** A host as it stands in a URL: an IPv6 address in brackets. */
export function hostInUrl(host: string): string {
  return isVersion6(host) ? `[${host}]` : host;
}

/** `isIPv6` compiles its expression the first time, which takes 3 ms: not for what has less than two colons. */
function isVersion6(text: string): boolean {
  return text.indexOf(':') !== text.lastIndexOf(':') && isIPv6(text);
}
