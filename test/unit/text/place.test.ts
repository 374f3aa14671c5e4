import { describe, expect, it } from 'vitest';
import { placeIn } from '../../../agent/text/place.ts';

describe('a place that a line names', () => {
  it.each([
    ["src/a.ts(3,5): error TS2322: Type 'string' is not assignable", 'src/a.ts', 3],
    ['C:\\Program Files\\a b\\Program.cs(12,7): error CS0103: no x', 'C:\\Program Files\\a b\\Program.cs', 12],
    ['a.c:3:5: warning: unused variable', 'a.c', 3],
    ['my project/a.c:3:5: warning: unused variable', 'my project/a.c', 3],
    ['Makefile:3: *** missing separator.  Stop.', 'Makefile', 3],
    ['deploy:12: Syntax error', 'deploy', 12],
  ])('is a file: %s', (line, file, number) => {
    expect(placeIn(line)).toEqual({ file, line: number });
  });

  it.each([
    "ERROR 1045 (28000): Access denied for user 'me'@'localhost' (using password: YES)",
    'Could not connect to Redis at 127.0.0.1:6379: Connection refused',
    'Error dial tcp 10.0.0.2:5432: connect: connection refused',
    '10.0.0.2:5432: connection refused',
    'localhost:8080: connection refused',
    'sshd(4711): error: no key',
    'nginx (4711): error',
    'lookup db.internal on 10.0.0.2:53: no such host',
    '2026-11-28 10:00:00 - up',
  ])('is no address, code or process: %s', (line) => {
    expect(placeIn(line)).toEqual({});
  });
});
