import { expect, test } from 'vitest';
import { moduleOnce } from '../../../agent/system/web-assembly.ts';

/** A module that exports a memory of one page, `(module (memory (export "m") 1))`. */
const onePage = Buffer.from('\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x05\x01\x01m\x02\0', 'latin1').toString('base64');

interface Exports {
  m: { buffer: ArrayBuffer };
}

test('makes one thing of a module, when it is first asked for', () => {
  let made = 0;
  const memory = moduleOnce(onePage, ({ m }: Exports) => {
    made++;
    return Buffer.from(m.buffer);
  });
  expect(made).toBe(0);
  expect(memory()?.length).toBe(65_536);
  expect(memory()).toBe(memory());
  expect(made).toBe(1);
});

test('is undefined where the engine does not take the module', () => {
  const impossible = moduleOnce(Buffer.from('no module').toString('base64'), () => 'made');
  expect(impossible()).toBeUndefined();
  expect(impossible()).toBeUndefined();
});
