import { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

/** Node's own stops after the first frame where several come at once; a body is one for each piece. */
function frameOf(bytes: Buffer): { text: Buffer; length: number } {
  const { zstdDecompressSync } = zlib as unknown as {
    zstdDecompressSync(bytes: Buffer, options: object): { buffer: Buffer; engine: { bytesWritten: number } };
  };
  const { buffer, engine } = zstdDecompressSync(bytes, { info: true });
  return { text: buffer, length: engine.bytesWritten };
}

/** Unpacks a whole body. */
export function unzstd(bytes: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { text, length } = frameOf(bytes.subarray(at));
    frames.push(text);
    at += length;
  }
  return Buffer.concat(frames);
}

/** Unpacks each frame as soon as all of it is there. */
export function createUnzstd(): Transform {
  let rest: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(bytes: Buffer, _encoding, done) {
      rest = Buffer.concat([rest, bytes]);
      for (let frame = wholeFrame(rest); frame !== undefined; frame = wholeFrame(rest)) {
        this.push(frame.text);
        rest = rest.subarray(frame.length);
      }
      done();
    },
    flush: (done) => done(rest.length === 0 ? null : new Error('the body ends amid a frame')),
  });
}

function wholeFrame(bytes: Buffer): { text: Buffer; length: number } | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return frameOf(bytes);
  } catch {
    return undefined;
  }
}
