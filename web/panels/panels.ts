import { lazily } from './lazily.tsx';

/*
 * What opens the page has to be small, so panels come after it: at once, because the agent may be gone when one is
 * wanted.
 */
const load = {
  agentLinks: () => import('./agent-links.tsx').then((script) => script.AgentLinks),
  banners: () => import('./banners.tsx').then((script) => script.Banners),
  filterBar: () => import('./finding/filter-bar.tsx').then((script) => script.FilterBar),
  goToLine: () => import('./go-to-line.tsx').then((script) => script.GoToLine),
  help: () => import('./help.tsx').then((script) => script.Help),
  outlinePanel: () => import('./finding/outline-panel.tsx').then((script) => script.OutlinePanel),
  problemList: () => import('./finding/problem-list.tsx').then((script) => script.ProblemList),
  searchBar: () => import('./finding/search-bar.tsx').then((script) => script.SearchBar),
  timeline: () => import('./finding/timeline.tsx').then((script) => script.Timeline),
  toast: () => import('./toast.tsx').then((script) => script.Toast),
  several: () => import('../several/several.tsx').then((script) => script.Several),
  settingsMenu: () => import('./settings-menu.tsx').then((script) => script.SettingsMenu),
  sourceMenu: () => import('./source-menu.tsx').then((script) => script.SourceMenu),
};

export const agentLinks = lazily(load.agentLinks);
export const banners = lazily(load.banners);
export const filterBar = lazily(load.filterBar);
export const goToLine = lazily(load.goToLine);
export const help = lazily(load.help);
export const outlinePanel = lazily(load.outlinePanel);
export const problemList = lazily(load.problemList);
export const searchBar = lazily(load.searchBar);
export const timeline = lazily(load.timeline);
export const toast = lazily(load.toast);
export const several = lazily(load.several);
export const settingsMenu = lazily(load.settingsMenu);
export const sourceMenu = lazily(load.sourceMenu);

/** Loads the scripts of all panels. */
export function loadPanels(): void {
  // One that does not come is asked for again when it is shown.
  for (const loadPanel of Object.values(load)) loadPanel().catch(() => undefined);
}
