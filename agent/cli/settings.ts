import { readFile } from 'node:fs/promises';
import type { AgentInput } from '../agent.ts';
import { defined } from '../words/defined.ts';
import { SseTailError } from '../words/errors.ts';
import type { Input } from './options/input.ts';
import type { OptionValues } from './options/options.ts';

export function agentInput(input: Input, { lines, tty }: OptionValues): AgentInput {
  if (input.kind === 'files' && lines !== undefined) return { ...input, start: lines };
  return input.kind === 'command' && tty ? { ...input, tty } : input;
}

export function agentOptions({
  noKeep,
  noColor,
  retain,
  poll,
  noRedact,
  redact,
  redactPattern,
  ...values
}: OptionValues) {
  const { dir, name, title, quiet, once, save, fsync } = values;
  return defined({
    dir,
    name,
    title,
    quiet,
    once,
    save,
    fsync,
    pollMs: poll,
    colour: noColor === undefined ? undefined : !noColor,
    keep: noKeep === undefined ? undefined : !noKeep,
    retainBytes: retain,
    redact: noRedact ? (false as const) : defined({ names: redact, patterns: redactPattern }),
  });
}

export async function servingOptions({
  tokenFile,
  noAuth,
  allowHost,
  allowOrigin,
  tlsCert,
  tlsKey,
  ...values
}: OptionValues) {
  const { host, port, socket, socketMode, socketGroup } = values;
  return defined({
    host,
    port,
    socket,
    socketMode,
    socketGroup,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey },
    token: tokenFile === undefined ? values.token : await readToken(tokenFile),
    auth: noAuth === undefined ? undefined : !noAuth,
    allowHosts: allowHost,
    allowOrigins: allowOrigin,
  });
}

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new SseTailError(
      'usage',
      `--token-file expects a file that can be read, but was given "${path}".`,
      {},
      error,
    );
  }
}

/** Where the page is, as it is told. A token that was given is known; printed, it would stand in the log of a CI service. */
export function placeOf(page: { url: string; entryUrl: string }, { socket, token, tokenFile }: OptionValues): string {
  const url = token === undefined && tokenFile === undefined ? page.entryUrl : page.url;
  return socket === undefined ? url : `${url} (curl --unix-socket ${socket} http://localhost/)`;
}
