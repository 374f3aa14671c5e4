import { render } from 'preact';
import { startViewer } from './app/viewer.ts';
import { OverLines } from './chrome/over-lines.tsx';
import { Top } from './chrome/top.tsx';
import { loadPanels } from './panels/panels.ts';

const [top, log, over] = ['top', 'log', 'over'].map((id) => document.getElementById(id));

if (top && log && over) {
  startViewer(log, (state, actions) => {
    render(<Top state={state} actions={actions} />, top);
    render(<OverLines state={state} actions={actions} />, over);
  });
  loadPanels();
  // What lies over the lines begins below what stands above them.
  new ResizeObserver(() => document.documentElement.style.setProperty('--top', `${top.offsetHeight}px`)).observe(top);
}
