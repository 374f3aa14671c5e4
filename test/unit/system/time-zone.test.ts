import { expect, it } from 'vitest';
import { bundled } from '../../support/bundled.ts';
import { execFileSync } from '../../support/sync-child.ts';

const module = await bundled(new URL('../../../agent/system/time-zone.ts', import.meta.url));
const script = `import(${JSON.stringify(module)}).then(({ timeZone }) => process.stdout.write(
  JSON.stringify([timeZone(), Intl.DateTimeFormat().resolvedOptions().timeZone])))`;

/** By one name, as several stand for the same zone. */
const canonical = (timeZone: string) => new Intl.DateTimeFormat('en', { timeZone }).resolvedOptions().timeZone;

const zones = ['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'UTC', 'EST5EDT', ':Asia/Tokyo'];

it.each([undefined, '', ...zones, 'no zone'])('the zone of this machine is what Intl says: TZ=%s', (TZ) => {
  const env = { ...process.env, TZ };
  const output = execFileSync(process.execPath, ['--eval', script], { env, encoding: 'utf8' });
  const [own, expected] = JSON.parse(output) as [string, string | null];
  const isKnown = expected !== null && expected !== 'Etc/Unknown';
  expect(canonical(own)).toBe(canonical(isKnown ? expected : 'UTC'));
});
