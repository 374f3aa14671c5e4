import type { Damage } from '../../journal.ts';

/**
 * Passes on where a journal is damaged: each place once, however many readers come to it.
 *
 * @param tell takes the damage of a new place
 */
export function createDamageReport(tell: (damage: Damage) => void): (damage: Damage) => void {
  const told = new Set<string>();
  return (damage) => {
    const place = `${damage.segment}:${damage.offset}`;
    if (told.has(place)) return;
    told.add(place);
    tell(damage);
  };
}
