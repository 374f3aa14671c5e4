import type { Hello } from '../../agent/words/wire.ts';

/**
 * Who answers when the log is asked for; an EventSource doesn't tell.
 * - `status`: the agent
 * - `refused`: the agent, which won't give it
 * - `gateway`: a proxy that can't reach the agent
 * - `stranger`: something else, such as the login page of a proxy
 */
export type Probe =
  | { kind: 'status'; hello: Hello }
  | { kind: 'refused'; status: number }
  | { kind: 'gateway'; status: number }
  | { kind: 'stranger' }
  | { kind: 'unreachable' };

const patienceMs = 10_000;

export async function probe(): Promise<Probe> {
  try {
    // A redirection leads away from the agent, which makes none here; followed to another site it is only an error.
    const response = await fetch('status', {
      cache: 'no-store',
      redirect: 'manual',
      signal: AbortSignal.timeout(patienceMs),
    });
    return await whoAnswered(response);
  } catch {
    return { kind: 'unreachable' };
  }
}

/** What the agent has against the URL of a stream; undefined where it has nothing, or can't be reached. */
export async function whyRefused(url: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const response = await fetch(`${url}&limit=1&follow=0`, { cache: 'no-store', signal });
    if (response.status === 400) return (await response.json()).error;
    await response.body?.cancel();
  } catch {
    // Then this is not what is wrong.
  }
  return undefined;
}

async function whoAnswered(response: Response): Promise<Probe> {
  const body = isJson(response) ? ((await response.json()) as Partial<Hello> & { error?: unknown }) : undefined;
  if (response.ok && typeof body?.log === 'string') return { kind: 'status', hello: body as Hello };
  if (!response.ok && typeof body?.error === 'string') return { kind: 'refused', status: response.status };
  if ([502, 503, 504].includes(response.status)) return { kind: 'gateway', status: response.status };
  return { kind: 'stranger' };
}

function isJson({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('application/json') ?? false;
}
