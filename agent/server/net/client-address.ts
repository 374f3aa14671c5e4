import type { Socket } from 'node:net';

/** Who is at the other end: an IPv4 address that came over an IPv6 socket is one; '' on a Unix socket. */
export function clientAddress(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}
