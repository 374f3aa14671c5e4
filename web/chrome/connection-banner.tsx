/*
 * Why no lines come. In the page's first scripts, as those that come after them come from the same agent.
 * Tests and user styles may rely on it:
 *
 *   .banners > .banner.lost|refused|bad-filter|stranger|slow
 *     button.retry, button.reload, button.clear
 */
import type { ViewActions } from '../app/view-actions.ts';
import type { ViewState } from '../app/view-state.ts';
import { connectionWords } from '../words.ts';
import { Banner, Reload, Retry } from './banner.tsx';
import { Button } from './button.tsx';

interface Props {
  state: ViewState;
  actions: ViewActions;
}

export function ConnectionBanner({ state, actions }: Props) {
  const { connection, name } = state;
  if (connection.state === 'stranger' || state.readingsMeetStranger) {
    return (
      <Banner kind="stranger">
        <p>{connectionWords.stranger}</p>
        <Reload />
      </Banner>
    );
  }
  if (connection.state === 'refused') {
    return (
      <Banner kind="refused">
        <p>{refusalWords(connection.status)}</p>
        <Retry retry={actions.retry} />
      </Banner>
    );
  }
  if (connection.state === 'badFilter') {
    return (
      <Banner kind="bad-filter">
        <p>{connectionWords.badFilter(connection.why)}</p>
        <Button class="clear" onClick={() => actions.choose({})}>
          {connectionWords.clearFilters}
        </Button>
      </Banner>
    );
  }
  if (connection.state === 'reconnecting' || (connection.state === 'connecting' && connection.attempt > 0)) {
    return (
      <Banner kind="lost">
        <p>{connection.state === 'reconnecting' ? lostWords(connection.gateway, name) : lostWords(undefined, name)}</p>
        <Retry retry={actions.retry} />
      </Banner>
    );
  }
  if (connection.state === 'connecting') {
    // Appears late (by style sheet), when an answer is overdue.
    return (
      <Banner kind="slow">
        <p>{connectionWords.slow}</p>
      </Banner>
    );
  }
  return null;
}

function lostWords(gateway: number | undefined, name: string | undefined): string {
  if (gateway !== undefined) return connectionWords.gateway(gateway);
  return name === undefined ? connectionWords.unreachable : connectionWords.unreachableKept;
}

function refusalWords(status: number): string {
  if (status === 401 || status === 403) return connectionWords.noAccess;
  return status === 404 ? connectionWords.logGone : connectionWords.refused(status);
}
