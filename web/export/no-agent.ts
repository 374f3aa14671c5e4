/** What asks an agent (backend/agent-requests.ts) is no part of a page that is a file. */
export const agentRequests = undefined;
