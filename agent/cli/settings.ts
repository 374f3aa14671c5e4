import { readFile } from 'node:fs/promises';
import type { AgentInput } from '../agent.ts';
import { tokenFault } from '../server/guard/token.ts';
import { inherited } from '../system/inherited.ts';
import { defined } from '../words/defined.ts';
import type { Input } from './options/input.ts';
import type { OptionValues } from './options/options.ts';
import { mistakes } from './sentences.ts';

export function agentInput(input: Input, { lines, recursive, tty, size }: OptionValues): AgentInput {
  if (input.kind === 'files') return { ...input, ...defined({ start: lines, recursive }) };
  return input.kind === 'command' ? { ...input, ...defined({ tty, size }), inherited } : input;
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
  const { dir, name, title, quiet, once, save, fsync, encoding, store, natsCreds, noServe } = values;
  return defined({
    dir,
    name,
    title,
    quiet,
    once,
    save,
    fsync,
    encoding,
    store,
    natsCreds,
    serve: noServe === undefined ? undefined : !noServe,
    pollMs: poll,
    color: noColor === undefined ? undefined : !noColor,
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
  const { host, port, socket, socketMode, socketGroup, showPaths, linkTemplate } = values;
  return defined({
    host,
    port,
    socket,
    socketMode,
    socketGroup,
    showPaths,
    linkTemplate,
    tls: tlsCert === undefined || tlsKey === undefined ? undefined : { cert: tlsCert, key: tlsKey },
    token: tokenFile === undefined ? values.token : await readToken(tokenFile),
    auth: noAuth === undefined ? undefined : !noAuth,
    allowHosts: allowHost,
    allowOrigins: allowOrigin,
  });
}

async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw mistakes.tokenFile(path, error);
  });
  const token = text.trim();
  const fault = tokenFault(token);
  if (fault !== undefined) throw mistakes.weakToken(path, fault);
  return token;
}

/**
 * Where the page is, as printed. A given token is left out: it is known, and would end up in the log of a CI service.
 */
export function placeOf(page: { url: string; entryUrl: string }, { socket, token, tokenFile }: OptionValues): string {
  const url = token === undefined && tokenFile === undefined ? page.entryUrl : page.url;
  return socket === undefined ? url : `${url} (curl --unix-socket ${socket} http://localhost/)`;
}
