import { render } from 'preact';
import { startViewer } from './app/viewer.ts';
import type { Backend } from './backend/backend.ts';
import { OverLines } from './chrome/over-lines.tsx';
import { Top } from './chrome/top.tsx';
import { loadPanels } from './panels/panels.ts';

/** Shows a log in the document's three places. */
export function startPage(backend: Backend): void {
  const [top, log, over] = ['top', 'log', 'over'].map((id) => document.getElementById(id));
  if (!top || !log || !over) return;
  void startViewer(log, backend, (state, actions) => {
    render(<Top state={state} actions={actions} />, top);
    render(<OverLines state={state} actions={actions} />, over);
  }).then(loadPanels);
  // What lies over the lines begins below what stands above them.
  new ResizeObserver(() => document.documentElement.style.setProperty('--top', `${top.offsetHeight}px`)).observe(top);
}
