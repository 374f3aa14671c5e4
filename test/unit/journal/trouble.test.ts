import { expect, test } from 'vitest';
import { damageNotice, writeTrouble } from '../../../agent/journal/trouble.ts';

test('why a journal can not be written is said without its path, which viewers need not know', () => {
  const error = Object.assign(new Error("ENOSPC: no space left on device, write '/home/me/x.sse'"), { code: 'ENOSPC' });
  expect(writeTrouble(error)).toMatch(/^The journal can't be written: the disk is full \(ENOSPC\)\. /);
  expect(writeTrouble(error)).not.toContain('/home');
});

test('damage is said with its place, for the terminal', () => {
  const notice = damageNotice({ segment: '/logs/x/000000000001.sse', offset: 7, length: 12, from: 3, to: 4 });
  expect(notice).toContain('/logs/x/000000000001.sse is damaged at byte 7 (12 bytes)');
  expect(notice).toContain('lines 3 to 4');
});
