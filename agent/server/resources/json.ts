import type { Response } from 'express';
import { negotiateCoding } from '../encoding/negotiate.ts';
import type { Packer } from '../encoding/packer.ts';

/** Less gains nothing that is worth the time. */
const leastPacked = 1024;

/**
 * Answers with JSON, compressed for clients on other machines. What many ask for again and again, as pages do for the
 * list of logs and for what is found in a log, is compressed once.
 */
export async function sendJson(response: Response, text: string, packer: Packer): Promise<void> {
  const bytes = Buffer.from(text);
  const coding = negotiateCoding(response, bytes.length >= leastPacked);
  const body = coding === undefined ? bytes : await packer.packWhole(coding, bytes);
  response.type('json').send(body);
}
