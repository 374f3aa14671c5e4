import { expect, test } from 'vitest';
import { claimSlot } from '../../../../../web/stream/sharing/claim-slot.ts';

test('of pages that ask each other, at once or later, as many get a slot as there are', async () => {
  const atOnce = await Promise.all(Array.from({ length: 7 }, () => claimSlot(3)));
  expect(atOnce.filter(Boolean)).toHaveLength(3);
  expect(await claimSlot(3)).toBe(false);
  expect(await claimSlot(4)).toBe(true);
});
