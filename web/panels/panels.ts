import type { ComponentType } from 'preact';
import { lazily } from './lazily.tsx';

/*
 * What opens the page has to be small, so panels come after it: at once, because the agent may be gone when one is
 * wanted.
 */
const load = {
  agentLinks: () => import('./agent-links.tsx').then((script) => script.AgentLinks),
  absentMark: () => import('./banners.tsx').then((script) => script.AbsentMark),
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

let begin: () => void;
/** Until then the page's connections are for what shows first. */
const begun = new Promise<void>((resolve) => {
  begin = resolve;
});

const fetches: (() => Promise<void>)[] = [];

function panel<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  const later = lazily(() => begun.then(load));
  fetches.push(later.fetch);
  return later;
}

export const absentMark = panel(load.absentMark);
export const agentLinks = panel(load.agentLinks);
export const banners = panel(load.banners);
export const filterBar = panel(load.filterBar);
export const goToLine = panel(load.goToLine);
export const help = panel(load.help);
export const outlinePanel = panel(load.outlinePanel);
export const problemList = panel(load.problemList);
export const searchBar = panel(load.searchBar);
export const timeline = panel(load.timeline);
export const toast = panel(load.toast);
export const several = panel(load.several);
export const settingsMenu = panel(load.settingsMenu);
export const sourceMenu = panel(load.sourceMenu);

/** Loads the scripts of all panels; before that, none is loaded. */
export function loadPanels(): void {
  begin();
  // One that does not come is asked for again when it is shown.
  for (const fetch of fetches) fetch().catch(() => undefined);
}
