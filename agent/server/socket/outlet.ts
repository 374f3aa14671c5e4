import type { SharedChunk } from './shared-chunk.ts';

/**
 * The body of a response that continues for long. It is written to the socket itself: `ServerResponse.write` holds
 * everything back until the next tick, so it can't say at once whether the client took it, and frames a chunk anew for
 * each of a thousand clients.
 */
export interface Outlet {
  /** False once the client is gone or the response has ended. */
  readonly isOpen: boolean;
  /** True while the client has not taken what was written: wait for `ready` before writing more. */
  readonly isBehind: boolean;
  /** Copies the bytes: they may be changed afterwards. */
  write(bytes: Buffer): void;
  /**
   * Writes the bytes without copying them: they must stay as they are until the outlet is not behind any more, or is
   * closed.
   */
  lend(bytes: Buffer): void;
  /** Writes what many clients get. */
  share(chunk: SharedChunk): void;
  /**
   * Resolves when the client has taken everything written (true), is gone, or has not taken it within `mostMs`
   * (false). Without progress for `stallMs` it is cut off.
   */
  ready(mostMs?: number): Promise<boolean>;
  /** Resolves after `ms` milliseconds, or when the client is gone. */
  pause(ms: number): Promise<void>;
  /** The response is complete. */
  end(): void;
  /** Breaks the connection off, so that the response can't be taken for complete. */
  cut(): void;
}
