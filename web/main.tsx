import { render } from 'preact';
import { Header } from './header.tsx';
import { Overlays } from './overlays.tsx';
import { startViewer } from './viewer.ts';

const [top, log, over] = ['top', 'log', 'over'].map((id) => document.getElementById(id));

if (top && log && over) {
  startViewer(log, (state, actions) => {
    render(<Header state={state} actions={actions} />, top);
    render(<Overlays state={state} actions={actions} />, over);
  });
}
