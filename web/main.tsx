import { agentBackend } from './backend/agent-backend.ts';
import { startPage } from './page.tsx';

startPage(agentBackend());
