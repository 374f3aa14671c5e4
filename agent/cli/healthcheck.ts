import { type RequestOptions, request } from 'node:http';
import { hostInUrl } from '../server/net/address.ts';
import { causeOf } from '../words/errors.ts';
import type { OptionValues } from './options/options.ts';
import { servingOptions } from './settings.ts';

const defaultPort = 7730;
const patienceMs = 5000;

/**
 * `sse-tail healthcheck`: asks an agent on this machine how it is. Resolves with 0 where it is well, with 1 where it is
 * not or does not answer.
 */
export async function checkHealth(values: OptionValues, report: (sentence: string) => void): Promise<number> {
  const { host, port = defaultPort, socket, token } = await servingOptions(values);
  const place = socket === undefined ? { host: reachable(host), port } : { socketPath: socket };
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  const answer = await ask({ ...place, path: '/healthz', headers: { Host: 'localhost', ...headers } });
  if (answer === 'ok') return 0;
  report(answer);
  return 1;
}

/** What listens on all addresses is asked at its own. */
function reachable(host = '127.0.0.1'): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

function ask(options: RequestOptions): Promise<'ok' | string> {
  const { host, port, socketPath } = options;
  const place = socketPath ?? `${hostInUrl(host ?? '')}:${port}`;
  return new Promise((resolve) => {
    const asked = request({ ...options, timeout: patienceMs, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () =>
        resolve(response.statusCode === 200 ? 'ok' : `${place} answers ${response.statusCode}: ${sentenceIn(body)}`),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${patienceMs / 1000} s`)));
    asked.on('error', (error) => resolve(`No sse-tail answers at ${place}: ${causeOf(error)}.`));
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
