/**
 * A content coding (RFC 9110, 8.4.1) whose body is put together from pieces that know nothing of each other: each can
 * be compressed once and stand in the answers to many clients.
 */
export interface Coding {
  /** As `Content-Encoding` has it. */
  readonly name: string;
  /** What a body begins with. */
  readonly head: Buffer;
  /** A piece, compressed on the thread pool. */
  compress(bytes: Buffer): Promise<Buffer>;
  /** The same at once, for few bytes. */
  compressNow(bytes: Buffer): Buffer;
  /** A piece that is not compressed, at most 65,535 bytes. */
  store(bytes: Buffer): Buffer;
  /** What a body ends with, by all that it holds. */
  end(content: Checked): Buffer;
}

/** Uncompressed bytes as a checksum (zlib's crc32) and a count. */
export interface Checked {
  crc: number;
  length: number;
}
