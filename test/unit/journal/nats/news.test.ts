import { expect, it } from 'vitest';
import { blocksOf } from '../../../../agent/journal/nats/news.ts';

const news = (firstId: number, lastId: number, text?: string) => ({
  firstId,
  lastId,
  bytes: text === undefined ? undefined : Buffer.from(text),
});

it('lines that follow each other make one block, and others begin one after a gap or damage', () => {
  const batches = [news(1, 2, 'a'), news(3, 3, 'b'), news(5, 6, 'c'), news(7, 7), news(8, 9, 'd'), news(10, 10, 'e')];
  const blocks = blocksOf(batches).map(({ bytes, ...ids }) => ({ ...ids, text: bytes.toString() }));
  expect(blocks).toEqual([
    { firstId: 1, lastId: 3, text: 'ab' },
    { firstId: 5, lastId: 6, text: 'c' },
    { firstId: 8, lastId: 10, text: 'de' },
  ]);
});
