import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { gzip } from '../../../../agent/server/encoding/gzip.ts';
import { createPacker } from '../../../../agent/server/encoding/packer.ts';
import type { Outlet } from '../../../../agent/server/socket/outlet.ts';
import { packInto } from '../../../../agent/server/socket/packed-outlet.ts';
import { createSharedChunk } from '../../../../agent/server/socket/shared-chunk.ts';

/** An outlet that keeps what it is given. */
function recorder() {
  const pieces: Buffer[] = [];
  const outlet: Outlet & { state: string; isBehind: boolean } = {
    state: 'open',
    get isOpen() {
      return outlet.state === 'open';
    },
    isBehind: false,
    write: (bytes) => void pieces.push(Buffer.from(bytes)),
    lend: (bytes) => void pieces.push(Buffer.from(bytes)),
    share: ({ bytes }) => void pieces.push(Buffer.from(bytes)),
    ready: async () => !outlet.isBehind,
    pause: async () => undefined,
    end() {
      outlet.state = 'ended';
    },
    cut() {
      outlet.state = 'cut';
    },
  };
  return { outlet, body: () => Buffer.concat(pieces), pieces };
}

const many = (name: string) => Buffer.from(`${name} `.repeat(20_000));

test('what is written comes out in its order, whichever way it takes', async () => {
  const { outlet, body } = recorder();
  const packed = packInto(outlet, { coding: gzip, packer: createPacker() });
  const said = [many('first'), Buffer.from('hello'), many('shared'), Buffer.from('a ping'), many('lent')];
  packed.write(said[0] as Buffer);
  packed.write(said[1] as Buffer);
  packed.share(createSharedChunk(said[2] as Buffer));
  packed.share(createSharedChunk(said[3] as Buffer));
  packed.lend(said[4] as Buffer);
  packed.end();
  expect(packed.isOpen).toBe(false);
  expect(await packed.ready()).toBe(true);
  expect(gunzipSync(body()).equals(Buffer.concat(said))).toBe(true);
  expect(outlet.state).toBe('ended');
});

test('it is behind while it compresses, and takes small ones at once', async () => {
  const { outlet, pieces } = recorder();
  const packed = packInto(outlet, { coding: gzip, packer: createPacker() });
  packed.write(Buffer.from('hello'));
  packed.share(createSharedChunk(many('line').subarray(0, 8000)));
  expect([packed.isBehind, pieces.length]).toEqual([false, 3]);
  packed.write(many('line'));
  expect([packed.isBehind, pieces.length]).toEqual([true, 3]);
  expect(await packed.ready(10_000)).toBe(true);
  expect([packed.isBehind, pieces.length]).toEqual([false, 4]);
  outlet.isBehind = true;
  expect(await packed.ready(0)).toBe(false);
});

test('many clients get the very same bytes of a shared chunk', () => {
  const chunk = createSharedChunk(Buffer.from('id: 1\ndata: compiled\n\n'.repeat(40)));
  const packing = { coding: gzip, packer: createPacker() };
  const first = chunk.packed(packing);
  expect(chunk.packed({ ...packing })).toBe(first);
});

test('what is too small to gain is stored', () => {
  const packing = { coding: gzip, packer: createPacker() };
  const ping = Buffer.from('event: ping\ndata: {}\n\n');
  expect(createSharedChunk(ping).packed(packing)).toMatchObject({ bytes: gzip.store(ping) });
  const noise = Buffer.from(Array.from({ length: 200 }, (_, i) => (i * 167) % 251));
  expect(createSharedChunk(noise).packed(packing)).toMatchObject({ bytes: gzip.store(noise) });
});

test('an answer that is broken off does not look complete', async () => {
  const { outlet, body } = recorder();
  const packed = packInto(outlet, { coding: gzip, packer: createPacker() });
  packed.write(many('line'));
  packed.cut();
  await packed.ready();
  expect(outlet.state).toBe('cut');
  expect(() => gunzipSync(body())).toThrow('unexpected end of file');
});

test('a piece that can not be made breaks it off', async () => {
  const { outlet } = recorder();
  const coding = { ...gzip, compress: () => Promise.reject(new Error('no memory')) };
  const packed = packInto(outlet, { coding, packer: createPacker() });
  packed.write(many('line'));
  await packed.ready();
  expect(outlet.state).toBe('cut');
});
