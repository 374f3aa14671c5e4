import { agentBackend } from './backend/agent-backend.ts';
import { startPage } from './page.tsx';

const other = new URLSearchParams(location.search).get('beside');

if (other) void import('./several/beside.ts').then(({ showBeside }) => showBeside(other));
else if (document.querySelector('.newest')?.getClientRects().length) void painted().then(start);
else start();

function start(): void {
  startPage(agentBackend(async () => (await import('./later.ts')).agentRequests));
}

/** Resolves once the document's lines have been painted, and soon where nobody sees the page: then nothing is. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, 100);
  });
}
