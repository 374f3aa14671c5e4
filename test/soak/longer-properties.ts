import type * as FastCheck from 'fast-check';
import { vi } from 'vitest';

type Property = FastCheck.IRawProperty<unknown>;
type Parameters = FastCheck.Parameters<unknown>;

const seconds = Number(process.env.PROPERTY_SECONDS ?? 20);

/**
 * Every property is run again and again for a time, also where the suite fixes the seed: what fails once in 20,000 runs
 * is found here, before it refuses somebody's change. A run is never interrupted: what it holds would reach the next
 * test.
 */
vi.mock('fast-check', async (importOriginal) => {
  const { default: fc } = await importOriginal<typeof FastCheck>();

  function assert(property: Property, given: Parameters = {}): unknown {
    const { seed: _fixed, ...anySeed } = given;
    const end = Date.now() + seconds * 1000;
    if (property.isAsync()) return assertUntil(end, property, anySeed);
    do fc.assert(property, anySeed);
    while (Date.now() < end);
  }

  async function assertUntil(end: number, property: Property, given: Parameters): Promise<void> {
    do await fc.assert(property, given);
    while (Date.now() < end);
  }

  return { default: { ...fc, assert } };
});
