import { expect, it } from 'vitest';
import { createHearsay } from '../../../../../agent/sources/command/signals/hearsay.ts';

const interrupt = 2;
const terminate = 15;

function hearsayAt() {
  const clock = { ms: 0 };
  return { clock, hearsay: createHearsay(() => clock.ms) };
}

it('a signal is seen once the shell has said that it got it', () => {
  const { hearsay } = hearsayAt();
  const came = hearsay.came(interrupt);
  expect(came.isSeen).toBe(false);
  hearsay.heard(terminate);
  expect(came.isSeen).toBe(false);
  hearsay.heard(interrupt);
  expect(came.isSeen).toBe(true);
});

it('what was heard just before it came counts, however long the look at it takes', () => {
  const { clock, hearsay } = hearsayAt();
  hearsay.heard(interrupt);
  clock.ms = 10;
  const came = hearsay.came(interrupt);
  clock.ms = 5000;
  expect(came.isSeen).toBe(true);
});

it('what was heard long before is about another one', () => {
  const { clock, hearsay } = hearsayAt();
  hearsay.heard(interrupt);
  clock.ms = 200;
  const came = hearsay.came(interrupt);
  expect(came.isSeen).toBe(false);
});

it('two that came before the shell had a processor are one to it, and both are seen', () => {
  const { hearsay } = hearsayAt();
  const first = hearsay.came(interrupt);
  const second = hearsay.came(interrupt);
  hearsay.heard(interrupt);
  expect([first.isSeen, second.isSeen]).toEqual([true, true]);
});

it('two that the shell has said before either came are both seen, where they come together', () => {
  const { clock, hearsay } = hearsayAt();
  hearsay.heard(interrupt);
  clock.ms = 100;
  expect(hearsay.came(interrupt).isSeen).toBe(true);
  clock.ms = 110;
  expect(hearsay.came(interrupt).isSeen).toBe(true);
  clock.ms = 130;
  expect(hearsay.came(interrupt).isSeen).toBe(false);
});

it('one that comes to this process alone after one to the group is not seen', () => {
  const { clock, hearsay } = hearsayAt();
  const group = hearsay.came(interrupt);
  hearsay.heard(interrupt);
  expect(group.isSeen).toBe(true);
  group.close();
  clock.ms = 50;
  const alone = hearsay.came(interrupt);
  expect(alone.isSeen).toBe(false);
});

it('what has been looked at to its end is vouched for by nobody', () => {
  const { hearsay } = hearsayAt();
  hearsay.came(interrupt).close();
  hearsay.heard(interrupt);
  const next = hearsay.came(interrupt);
  expect(next.isSeen).toBe(true);
});
