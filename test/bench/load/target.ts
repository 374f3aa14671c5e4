/** How a server says its lines. */
export type Protocol =
  /** text/event-stream over HTTP. */
  | 'sse'
  /** Lines of plain text over HTTP. */
  | 'lines'
  /** Bytes over HTTP that are only counted: for servers that are faster than a client can look. */
  | 'bytes'
  /** A WebSocket message per line (websocketd). */
  | 'websocket'
  /** socket.io 2 (frontail): messages `42/<namespace>,["line","…"]`. */
  | 'socket.io';

/** Where and how to get lines. Always on 127.0.0.1. */
export interface Target {
  protocol: Protocol;
  port: number;
  /** Path and query. */
  path: string;
  /** socket.io's namespace. */
  namespace?: string;
}
