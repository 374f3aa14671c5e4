import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Server as HttpsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { causeOf, SseTailError } from '../../words/errors.ts';

/** Paths of PEM files: the certificate with what it is signed by, and its key. */
export interface TlsFiles {
  certPath: string;
  keyPath: string;
}

/**
 * How often the files are looked at: certificates are renewed weeks before they end. By name, as they are replaced by
 * renaming.
 */
const lookMs = 5000;

/**
 * Reads the files and makes sure that they can be used.
 *
 * @throws SseTailError kind `usage` that names the file
 */
export async function readTls({ certPath, keyPath }: TlsFiles): Promise<SecureContextOptions> {
  // One after the other: of two that can't be read it is always the first that is reported.
  const cert = await readPem('--tls-cert', certPath);
  const key = await readPem('--tls-key', keyPath);
  const context: SecureContextOptions = { cert, key, minVersion: 'TLSv1.2' };
  const { createSecureContext } = await import('node:tls');
  try {
    createSecureContext(context);
  } catch (error) {
    throw new SseTailError('usage', reasonFor(error, certPath, keyPath), { certPath, keyPath }, error);
  }
  return context;
}

/** Takes up new files when they have changed. What can't be used is reported once, and the old ones stay. */
export function followTls(
  server: HttpsServer,
  files: TlsFiles,
  warn: (sentence: string) => void,
  intervalMs = lookMs,
): { close(): void } {
  let reported = '';
  async function reload(): Promise<void> {
    try {
      server.setSecureContext(await readTls(files));
      reported = '';
    } catch (error) {
      // A certificate and its key are replaced one after the other: for a moment they don't fit.
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== reported) warn(`The changed certificate can't be used: ${reason}`);
      reported = reason;
    }
  }
  const onChange = () => void reload();
  for (const path of [files.certPath, files.keyPath]) watchFile(path, { interval: intervalMs }, onChange);
  return {
    close() {
      for (const path of [files.certPath, files.keyPath]) unwatchFile(path, onChange);
    },
  };
}

async function readPem(option: string, path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const message = `${option} expects a readable PEM file, but "${path}" can't be read: ${causeOf(error)}.`;
    throw new SseTailError('usage', message, { path }, error);
  }
}

/** OpenSSL's reasons say what is wrong with bytes; these say what is wrong with files. */
function reasonFor(error: unknown, certPath: string, keyPath: string): string {
  const text = error instanceof Error ? error.message : String(error);
  if (/key values mismatch|KEY_VALUES_MISMATCH/i.test(text))
    return `The key ${keyPath} does not belong to the certificate ${certPath}.`;
  if (/bad decrypt|password|interrupted or cancelled|processing error/i.test(text)) {
    return `The key ${keyPath} is encrypted. Expected a key without a passphrase.`;
  }
  return `${certPath} and ${keyPath} are not a certificate and key in PEM format: ${text}.`;
}
