import { render } from 'preact';
import { showFavicon } from './app/favicon.ts';
import { applySettings, loadSettings } from './app/settings.ts';
import { createLogList } from './logs/log-list.ts';
import { LogsPage } from './logs/logs-page.tsx';

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
