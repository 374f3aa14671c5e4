// Simulates many machines and writes the table of docs/scale.md, which takes a minute. Run by `npm run simulation`.
import { simulationTable } from '../test/bench/simulation/report.ts';
import { fillTable } from './fill-table.js';

fillTable(new URL('../docs/scale.md', import.meta.url), 'simulation', simulationTable());
