import { hostname, networkInterfaces } from 'node:os';

/** It may be changed, but not with every request. */
const freshMs = 5000;
/** Shared by all servers of the process: there is one machine. */
let names: ReadonlySet<string> = new Set();
let lookedAt = Number.NEGATIVE_INFINITY;

/** What others call this machine, in lower case: its host name, and that in the `.local` domain of multicast DNS. */
export function machineNames(): ReadonlySet<string> {
  if (performance.now() - lookedAt > freshMs) {
    lookedAt = performance.now();
    const name = hostname().toLowerCase();
    const [label = ''] = name.split('.');
    names = new Set(label === '' ? [] : [name, `${label}.local`]);
  }
  return names;
}

/**
 * Interfaces of containers, virtual machines and tunnels: whoever is to open a URL is more likely to reach the
 * others.
 */
const virtual = /^(?:docker|br-|veth|virbr|cni|flannel|lxc|vmnet|vboxnet|tun|tap|wg|zt|tailscale)/;

/** An address of this machine under which others may reach it; undefined where it has none. */
export function reachableAddress(): string | undefined {
  const candidates = addresses().filter(({ internal, isLinkLocal }) => !internal && !isLinkLocal);
  const rank = ({ name, family }: Address) => (virtual.test(name) ? 2 : 0) + (family === 'IPv4' ? 0 : 1);
  return candidates.sort((a, b) => rank(a) - rank(b))[0]?.address;
}

interface Address {
  name: string;
  address: string;
  family: string;
  internal: boolean;
  isLinkLocal: boolean;
}

function addresses(): Address[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries = []]) =>
    entries.map(({ address, family, internal }) => ({
      name,
      address: address.toLowerCase(),
      family,
      internal,
      isLinkLocal: /^(?:fe80:|169\.254\.)/i.test(address),
    })),
  );
}
