import { request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { hostInUrl, isLoopback } from '../server/net/address.ts';
import { causeOf, errorCode } from '../words/errors.ts';
import type { OptionValues } from './options/options.ts';
import { envName } from './options/spelling.ts';
import { servingOptions } from './settings.ts';

const defaultPort = 7730;
const patienceMs = 5000;

/**
 * `sse-tail healthcheck`: asks an agent on this machine how it is. Resolves with 0 where it is well, with 1 where it is
 * not or does not answer.
 */
export async function checkHealth(values: OptionValues, report: (sentence: string) => void): Promise<number> {
  const { host, port = defaultPort, socket, token } = await servingOptions(values);
  const address = reachable(host);
  const place = socket === undefined ? { host: address, port } : { socketPath: socket };
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  // A certificate is for the name that others use, or made by its owner. On this machine it proves nothing more.
  const rejectUnauthorized = socket === undefined && !isLoopback(address);
  const options = { ...place, path: '/healthz', headers: { Host: 'localhost', ...headers }, rejectUnauthorized };
  const answer = await askEitherWay(options, Boolean(process.env[envName('tlsCert')]));
  if (answer === 'ok') return 0;
  report(answer);
  return 1;
}

/** What listens on all addresses is asked at its own. */
function reachable(given = '127.0.0.1'): string {
  const host = given.replace(/^\[(.*)\]$/, '$1');
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** Whether the agent serves over TLS is known only where its variables are set, so the other way is tried as well. */
async function askEitherWay(options: RequestOptions, isTlsLikely: boolean): Promise<'ok' | string> {
  const ways = isTlsLikely ? [requestHttps, requestHttp] : [requestHttp, requestHttps];
  const answers: string[] = [];
  for (const way of ways) {
    try {
      return await ask(way, options);
    } catch (error) {
      answers.push(`No sse-tail answers at ${placeOf(options)}: ${causeOf(error)}.`);
      if (!speaksOtherwise(error)) break;
    }
  }
  return answers[0] as string;
}

/** A server of TLS drops a connection that begins with anything else, and a client of TLS sees no TLS. */
function speaksOtherwise(error: unknown): boolean {
  const code = errorCode(error) ?? '';
  return ['ECONNRESET', 'EPIPE', 'EPROTO'].includes(code) || /^(?:HPE_|ERR_SSL_)/.test(code);
}

function placeOf({ host, port, socketPath }: RequestOptions): string {
  return socketPath ?? `${hostInUrl(host ?? '')}:${port}`;
}

/** Resolves with how it is, in a word or a sentence. Rejects where nothing answers. */
function ask(way: typeof requestHttps, options: RequestOptions): Promise<'ok' | string> {
  return new Promise((resolve, reject) => {
    const asked = way({ ...options, timeout: patienceMs, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode } = response;
        resolve(statusCode === 200 ? 'ok' : `${placeOf(options)} answers ${statusCode}: ${sentenceIn(body)}`);
      });
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
    asked.on('error', reject);
    asked.end();
  });
}

function sentenceIn(body: string): string {
  try {
    const { trouble, error } = JSON.parse(body) as { trouble?: string; error?: string };
    return trouble ?? error ?? 'no reason is given.';
  } catch {
    return 'no reason is given.';
  }
}
