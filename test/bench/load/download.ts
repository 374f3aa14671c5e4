import { createHash } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

/** How a client asks; one that wants gzip does it through a proxy, as nobody on this machine gets it. */
export type AskedFor = 'plain' | 'gzip';

export interface Downloaded {
  /** Of the body, as it came. */
  wireBytes: number;
  /** SHA-256 of the body, unpacked. */
  hash: string;
  ms: number;
}

/** A whole answer. */
export async function download(port: number, path: string, asked: AskedFor): Promise<Downloaded> {
  const begun = performance.now();
  const response = await answerOf(port, path, asked);
  let wireBytes = 0;
  response.on('data', (bytes: Buffer) => {
    wireBytes += bytes.length;
  });
  const hash = createHash('sha256');
  if (asked === 'gzip') await pipeline(response, createGunzip(), hash);
  else await pipeline(response, hash);
  return { wireBytes, hash: hash.digest('hex'), ms: performance.now() - begun };
}

/** Resolves once the headers are there. */
export function answerOf(port: number, path: string, asked: AskedFor): Promise<IncomingMessage> {
  const headers = asked === 'gzip' ? { 'accept-encoding': 'gzip', 'x-forwarded-for': '203.0.113.7' } : {};
  return new Promise((resolve, reject) => {
    get({ port, path, headers, host: '127.0.0.1', agent: false }, (response) => {
      if ((response.headers['content-encoding'] === 'gzip') === (asked === 'gzip')) resolve(response);
      else reject(new Error(`${asked} was asked for, but ${response.headers['content-encoding']} came`));
    }).on('error', reject);
  });
}
