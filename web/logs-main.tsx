import { render } from 'preact';
import { showFavicon } from './favicon.ts';
import { createLogList } from './log-list.ts';
import { LogsPage } from './logs-page.tsx';
import { applySettings, loadSettings } from './settings.ts';

const root = document.getElementById('logs');

if (root) {
  applySettings(loadSettings(), document.documentElement);
  showFavicon('running');
  const list = createLogList({
    fetchLogs: (signal) => fetch('logs', { headers: { accept: 'application/json' }, cache: 'no-cache', signal }),
    isVisible: () => document.visibilityState === 'visible',
    changed: (state) => render(<LogsPage state={state} retry={() => list.look()} />, root),
  });
  document.addEventListener('visibilitychange', list.look);
  addEventListener('online', list.look);
  addEventListener('pageshow', list.look);
}
