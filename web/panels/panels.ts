import type { ComponentType } from 'preact';
import { lazily } from './lazily.tsx';

let begin: () => void;
/** Until then the page's connections are for what shows first. */
const begun = new Promise<void>((resolve) => {
  begin = resolve;
});

const fetches: (() => Promise<void>)[] = [];

/**
 * What opens the page has to be small, so panels come after it: at once, because the agent may be gone when one is
 * wanted.
 */
function panel<Props extends object>(
  pick: (script: typeof import('../later.ts')) => ComponentType<Props>,
): ComponentType<Props> {
  const later = lazily(async () => {
    await begun;
    return pick(await import('../later.ts'));
  });
  fetches.push(later.fetch);
  return later;
}

export const absentMark = panel(({ AbsentMark }) => AbsentMark);
export const agentLinks = panel(({ AgentLinks }) => AgentLinks);
export const banners = panel(({ Banners }) => Banners);
export const filterBar = panel(({ FilterBar }) => FilterBar);
export const goToLine = panel(({ GoToLine }) => GoToLine);
export const help = panel(({ Help }) => Help);
export const outlinePanel = panel(({ OutlinePanel }) => OutlinePanel);
export const problemList = panel(({ ProblemList }) => ProblemList);
export const searchBar = panel(({ SearchBar }) => SearchBar);
export const timeline = panel(({ Timeline }) => Timeline);
export const toast = panel(({ Toast }) => Toast);
export const several = panel(({ Several }) => Several);
export const settingsMenu = panel(({ SettingsMenu }) => SettingsMenu);
export const sourceMenu = panel(({ SourceMenu }) => SourceMenu);

/** Loads the scripts of all panels; before that, none is loaded. */
export function loadPanels(): void {
  begin();
  // One that does not come is asked for again when it is shown.
  for (const fetch of fetches) fetch().catch(() => undefined);
}
