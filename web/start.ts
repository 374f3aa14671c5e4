import { loadPatiently } from './app/load-patiently.ts';
import { agentBackend } from './backend/agent-backend.ts';
import { startPage } from './page.tsx';

const other = new URLSearchParams(location.search).get('beside');

if (other) void loadPatiently(() => import('./several/beside.ts')).then(({ showBeside }) => showBeside(other));
else startPage(agentBackend(async () => (await import('./later.ts')).agentRequests));
