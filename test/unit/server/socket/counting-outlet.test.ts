import { expect, test } from 'vitest';
import { createCountingOutlet, holdToLength } from '../../../../agent/server/socket/counting-outlet.ts';
import { createSharedChunk } from '../../../../agent/server/socket/shared-chunk.ts';

test('bytes are counted however they come, until the client is gone', async () => {
  let isThere = true;
  const outlet = createCountingOutlet(() => isThere);
  outlet.write(Buffer.alloc(3));
  outlet.lend(Buffer.alloc(4));
  outlet.share(createSharedChunk(Buffer.alloc(5)));
  expect(outlet.bytes).toBe(12);
  expect(await outlet.ready()).toBe(true);
  isThere = false;
  expect(outlet.isOpen).toBe(false);
});

test('what is cut is no complete answer', () => {
  const ended = createCountingOutlet(() => true);
  ended.end();
  expect(ended).toMatchObject({ isOpen: false, isCut: false });
  const cut = createCountingOutlet(() => true);
  cut.cut();
  expect(cut).toMatchObject({ isOpen: false, isCut: true });
});

test('what is longer than was promised is cut before it looks complete', () => {
  const fitting = createCountingOutlet(() => true);
  const fits = holdToLength(fitting, 12);
  for (let i = 0; i < 3; i++) fits.write(Buffer.alloc(4));
  fits.end();
  expect(fitting).toMatchObject({ bytes: 12, isCut: false });

  const long = createCountingOutlet(() => true);
  const held = holdToLength(long, 11);
  for (let i = 0; i < 3; i++) held.write(Buffer.alloc(4));
  expect(long).toMatchObject({ bytes: 8, isCut: true });
  expect(held.isOpen).toBe(false);
});
