import { render } from 'preact';
import { startViewer } from './app/viewer.ts';
import { Header } from './chrome/header.tsx';
import { OverLines } from './chrome/over-lines.tsx';

const [top, log, over] = ['top', 'log', 'over'].map((id) => document.getElementById(id));

if (top && log && over) {
  startViewer(log, (state, actions) => {
    render(<Header state={state} actions={actions} />, top);
    render(<OverLines state={state} actions={actions} />, over);
  });
}
