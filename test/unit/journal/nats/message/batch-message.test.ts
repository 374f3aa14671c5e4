import { randomBytes } from 'node:crypto';
import { headers } from '@nats-io/transport-node';
import { describe, expect, it } from 'vitest';
import {
  encodingOf,
  packed,
  parsePositions,
  positionsOf,
  readHead,
  unpacked,
  writeHead,
} from '../../../../../agent/journal/nats/message/batch-message.ts';

const head = { firstId: 3, lastId: 9, epochs: [{ epoch: 2, from: 1 }], offset: 100, length: 2000 };
const position = { source: 'ä.log', path: '/ä.log', file: '1:2', offset: 5, head: { length: 0, crc: 0 } };

function headersOf(changes: Record<string, string> = {}) {
  const written = writeHead(headers(), head, { isCompressed: true, expectedSeq: 7, positions: [position] });
  for (const [name, value] of Object.entries(changes)) written.set(name, value);
  return written;
}

describe('the headers of a batch', () => {
  it('say what is in it', () => {
    expect(readHead(headersOf())).toEqual({ ...head, epoch: 2 });
    expect(parsePositions(positionsOf(headersOf()))).toEqual([position]);
    expect(parsePositions(positionsOf(headers()))).toEqual([]);
  });

  it.each([
    { 'Sse-Ids': '' },
    { 'Sse-Ids': '0-5' },
    { 'Sse-Ids': '9-3' },
    { 'Sse-Ids': `1-${'9'.repeat(400)}` },
    { 'Sse-Bytes': '-1+5' },
    { 'Sse-Epochs': 'none' },
    { 'Sse-Epochs': `${'9'.repeat(400)}@1` },
  ])('make it none where they are malformed: %j', (changes) => {
    expect(readHead(headersOf(changes))).toBeUndefined();
  });

  it.each(['%', '{', 'null', '7', '[1,null,{}]'])('give no positions where these are malformed: %s', (text) => {
    expect(parsePositions(text)).toEqual([]);
  });
});

describe('the bytes of a batch', () => {
  const events = Buffer.from('data: a line like any other\n\n'.repeat(100));

  it('come back as they were', async () => {
    const { bytes, isCompressed } = await packed([events]);
    expect(isCompressed).toBe(true);
    expect(await unpacked(bytes, encodingOf(headersOf()), events.length)).toEqual(events);
  });

  it('come back as they were from several pieces, small and large', async () => {
    for (const times of [1, 4000]) {
      const pieces = ['one', 'two', 'three'].map((text) => Buffer.from(`data: ${text}\n\n`.repeat(30 * times)));
      const whole = Buffer.concat(pieces);
      const { bytes, isCompressed } = await packed(pieces);
      expect(isCompressed).toBe(true);
      expect((await unpacked(bytes, encodingOf(headersOf()), whole.length)).equals(whole)).toBe(true);
    }
    const noise = [randomBytes(300), randomBytes(300)];
    expect(await packed(noise)).toEqual({ bytes: Buffer.concat(noise), isCompressed: false });
  });

  it('are damaged where they are not what the headers say', async () => {
    const { bytes } = await packed([events]);
    await expect(unpacked(bytes, encodingOf(headersOf()), events.length + 1)).rejects.toThrow(
      'a batch of 2901 bytes has 2900',
    );
    await expect(unpacked(bytes, 'zstd', events.length)).rejects.toThrow('zstd');
    await expect(unpacked(bytes.subarray(9), 'br', events.length)).rejects.toThrow();
    await expect(unpacked(events.subarray(1), '', events.length)).rejects.toThrow();
  });
});
