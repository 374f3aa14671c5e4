import { crc32 } from 'node:zlib';
import type { Packing } from '../encoding/packer.ts';
import type { Outlet } from './outlet.ts';
import type { SharedChunk } from './shared-chunk.ts';

/** Fewer for one client alone are not worth a way to the thread pool and back. */
const leastPacked = 1024;

/**
 * An outlet that compresses. What many clients get was compressed for all of them; while a piece for this one is being
 * compressed it is behind, as if the client were slow.
 */
export function packInto(outlet: Outlet, packing: Packing): Outlet {
  return new PackedOutlet(outlet, packing);
}

class PackedOutlet implements Outlet {
  readonly #outlet: Outlet;
  readonly #packing: Packing;
  #crc = 0;
  #length = 0;
  #isEnded = false;
  /** Pieces that are being compressed, or come after one that is. */
  #pending = 0;
  #lastSent: Promise<void> | undefined;

  constructor(outlet: Outlet, packing: Packing) {
    this.#outlet = outlet;
    this.#packing = packing;
    outlet.write(packing.coding.head);
  }

  get isOpen(): boolean {
    return !this.#isEnded && this.#outlet.isOpen;
  }

  get isBehind(): boolean {
    return this.#pending > 0 || this.#outlet.isBehind;
  }

  write(bytes: Buffer): void {
    if (!this.isOpen || bytes.length === 0) return;
    const { coding, packer } = this.#packing;
    this.#note(bytes);
    const piece = bytes.length < leastPacked ? coding.store(bytes) : packer.pack(coding, bytes);
    this.#put(piece, (packed) => this.#outlet.lend(packed));
  }

  lend(bytes: Buffer): void {
    this.write(bytes);
  }

  share(chunk: SharedChunk): void {
    if (!this.isOpen || chunk.bytes.length === 0) return;
    this.#note(chunk.bytes);
    this.#put(chunk.packed(this.#packing), (packed) => this.#outlet.share(packed));
  }

  async ready(mostMs?: number): Promise<boolean> {
    const endsAt = mostMs === undefined ? undefined : performance.now() + mostMs;
    if (this.#pending > 0 && !(await this.#sentWithin(mostMs))) return false;
    return this.#outlet.ready(endsAt && Math.max(0, endsAt - performance.now()));
  }

  pause(ms: number): Promise<void> {
    return this.#outlet.pause(ms);
  }

  end(): void {
    if (!this.isOpen) return;
    this.#isEnded = true;
    const end = this.#packing.coding.end({ crc: this.#crc, length: this.#length });
    this.#put(end, (bytes) => {
      this.#outlet.write(bytes);
      this.#outlet.end();
    });
  }

  cut(): void {
    this.#isEnded = true;
    this.#put(undefined, () => this.#outlet.cut());
  }

  #note(bytes: Buffer): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#length += bytes.length;
  }

  /** In order: after what is being compressed. */
  #put<Piece>(piece: Piece | Promise<Piece>, send: (piece: Piece) => void): void {
    if (this.#pending === 0 && !(piece instanceof Promise)) {
      send(piece);
      return;
    }
    this.#pending++;
    this.#lastSent = this.#sendAfter(this.#lastSent, piece, send);
  }

  async #sendAfter<Piece>(
    before: Promise<void> | undefined,
    piece: Piece | Promise<Piece>,
    send: (piece: Piece) => void,
  ): Promise<void> {
    try {
      const [made] = await Promise.all([piece, before]);
      send(made);
    } catch {
      // Without it the body can't be right.
      this.#outlet.cut();
    } finally {
      this.#pending--;
    }
  }

  async #sentWithin(mostMs: number | undefined): Promise<boolean> {
    if (mostMs === undefined) {
      await this.#lastSent;
      return true;
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), mostMs);
    });
    const sent = this.#lastSent?.then(() => true) ?? true;
    try {
      return await Promise.race([sent, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
