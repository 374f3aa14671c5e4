import { expect, it } from 'vitest';
import { createBatchBuilder } from '../../../../../agent/frame/encode.ts';
import { largerWindow } from '../../../../../agent/journal/disk/segment/batches.ts';
import { sealBatch } from '../../../../../agent/journal/disk/segment/trailer.ts';

it('a window that a batch began before grows to that batch, and by itself where nothing says how long it is', () => {
  const builder = createBatchBuilder(1);
  builder.origin({ time: 7 });
  const line = Buffer.alloc(1000, 'x');
  for (let i = 0; i < 200; i++) builder.line(line, 0, line.length);
  const batch = builder.take();
  if (batch === undefined) throw new Error('a batch has lines');
  const sealed = sealBatch(batch, '');
  const window = sealed.subarray(-64 * 1024);
  expect(largerWindow(window, window.length, 1024 * 1024)).toBe(sealed.length);
  expect(largerWindow(window, window.length, 100 * 1024)).toBe(256 * 1024);
  expect(largerWindow(sealed, sealed.length, 1024 * 1024)).toBe(4 * sealed.length);
  expect(largerWindow(window, window.length - 1, 1024 * 1024)).toBe(4 * (window.length - 1));
});
