/*
 * The later script: what a log's page loads once its first lines show, and all at once, as each script costs a request
 * on connections of which a browser has six.
 */
export { createFinding } from './app/finding.ts';
export { showFavicon } from './app/tab/favicon.ts';
export { createNotifications } from './app/tab/notifications.ts';
export { agentRequests } from './backend/agent-requests.ts';
export { createFetching } from './history/fetching.ts';
export { takeInput } from './input/input.ts';
export { AgentLinks } from './panels/agent-links.tsx';
export { AbsentMark, Banners } from './panels/banners.tsx';
export { FilterBar } from './panels/finding/filter-bar.tsx';
export { OutlinePanel } from './panels/finding/outline-panel.tsx';
export { ProblemList } from './panels/finding/problem-list.tsx';
export { SearchBar } from './panels/finding/search-bar.tsx';
export { Timeline } from './panels/finding/timeline.tsx';
export { GoToLine } from './panels/go-to-line.tsx';
export { Help } from './panels/help.tsx';
export { SettingsMenu } from './panels/settings-menu.tsx';
export { SourceMenu } from './panels/source-menu.tsx';
export { Toast } from './panels/toast.tsx';
export { createReading } from './reading/reading.ts';
export { Several } from './several/several.tsx';
