import type { ServerResponse } from 'node:http';
import { SseTailError } from '../../words/errors.ts';
import { clientAddress, networkOf } from '../net/address.ts';

/** How many searches of a log's history may be under way. */
export interface SearchLimits {
  /**
   * Takes a place for a search. Returns the way to give it back; the end of the response, whichever it is, does it too.
   *
   * @throws SseTailError kind `request`, status 429 where the client has too many of them, 503 where all have
   */
  admit(response: ServerResponse): () => void;
}

/** A page has one; a hundred viewers behind one address that come at once are not refused. */
const mostOfOneClient = 128;
const mostInAll = 256;
const retryAfterSeconds = 5;

export function createSearchLimits(): SearchLimits {
  const perClient = new Map<string, number>();
  let all = 0;

  return {
    admit(response) {
      const client = networkOf(clientAddress(response.req.socket));
      const mine = perClient.get(client) ?? 0;
      if (mine >= mostOfOneClient) throw refusal(429, `This client already has ${mine} searches running.`);
      if (all >= mostInAll) throw refusal(503, `${all} searches are already running.`);
      perClient.set(client, mine + 1);
      all++;
      let isTaken = true;
      const leave = () => {
        if (!isTaken) return;
        isTaken = false;
        all--;
        const left = (perClient.get(client) ?? 1) - 1;
        if (left === 0) perClient.delete(client);
        else perClient.set(client, left);
      };
      if (response.closed) leave();
      else response.once('close', leave);
      return leave;
    },
  };
}

function refusal(status: 429 | 503, sentence: string): SseTailError {
  const message = `${sentence} Try again in ${retryAfterSeconds} s.`;
  return new SseTailError('request', message, { status, retryAfter: retryAfterSeconds });
}
