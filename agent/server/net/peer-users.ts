import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';

/** Linux lists the sockets of this machine with their owners: proc_net_tcp(5). */
const tables = ['/proc/net/tcp', '/proc/net/tcp6'];

/**
 * Ids of the users who may be at the other end of a TCP connection, as far as its ports tell. None where that is
 * another machine, or the system does not say.
 */
export async function usersOfPeer({ remotePort, localPort }: Socket): Promise<number[]> {
  if (remotePort === undefined || localPort === undefined) return [];
  const texts = await Promise.all(tables.map((path) => readFile(path, 'utf8').catch(() => '')));
  return texts.flatMap((text) => usersIn(text, remotePort, localPort));
}

/** Of all sockets with these ports, whatever their addresses: an IPv4 address may stand as an IPv6 one. */
export function usersIn(table: string, ownPort: number, peerPort: number): number[] {
  return table.split('\n').flatMap((row) => {
    const [, own = '', peer = '', , , , , user = ''] = row.trim().split(/ +/);
    return portOf(own) === ownPort && portOf(peer) === peerPort ? [Number(user)] : [];
  });
}

function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16);
}
