import { expect, it } from 'vitest';
import { createSignalReports } from '../../../../../agent/sources/command/signals/signal-reports.ts';

const interrupt = 2;
const terminate = 15;

function reportsAt() {
  const clock = { ms: 0 };
  return { clock, reports: createSignalReports(() => clock.ms) };
}

it('a signal is seen once the shell has reported it', () => {
  const { reports } = reportsAt();
  const report = reports.expect(interrupt);
  expect(report.isThere).toBe(false);
  reports.reported(terminate);
  expect(report.isThere).toBe(false);
  reports.reported(interrupt);
  expect(report.isThere).toBe(true);
});

it('what was reported just before it came counts, however long the look at it takes', () => {
  const { clock, reports } = reportsAt();
  reports.reported(interrupt);
  clock.ms = 10;
  const report = reports.expect(interrupt);
  clock.ms = 5000;
  expect(report.isThere).toBe(true);
});

it('what was reported long before is about another one', () => {
  const { clock, reports } = reportsAt();
  reports.reported(interrupt);
  clock.ms = 200;
  const report = reports.expect(interrupt);
  expect(report.isThere).toBe(false);
});

it('two that came before the shell had a processor are one to it, and both are seen', () => {
  const { reports } = reportsAt();
  const first = reports.expect(interrupt);
  const second = reports.expect(interrupt);
  reports.reported(interrupt);
  expect([first.isThere, second.isThere]).toEqual([true, true]);
});

it('two that the shell has reported before either came are both seen, where they come together', () => {
  const { clock, reports } = reportsAt();
  reports.reported(interrupt);
  clock.ms = 100;
  expect(reports.expect(interrupt).isThere).toBe(true);
  clock.ms = 110;
  expect(reports.expect(interrupt).isThere).toBe(true);
  clock.ms = 130;
  expect(reports.expect(interrupt).isThere).toBe(false);
});

it('one that comes to this process alone after one to the group is not seen', () => {
  const { clock, reports } = reportsAt();
  const group = reports.expect(interrupt);
  reports.reported(interrupt);
  expect(group.isThere).toBe(true);
  group.close();
  clock.ms = 50;
  const alone = reports.expect(interrupt);
  expect(alone.isThere).toBe(false);
});

it('what has been looked at to its end has no report any more', () => {
  const { reports } = reportsAt();
  reports.expect(interrupt).close();
  reports.reported(interrupt);
  const next = reports.expect(interrupt);
  expect(next.isThere).toBe(true);
});
