import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { defaultLimits, limitConnections } from '../../../../agent/server/net/connections.ts';

it('a connection that can not be accepted ends nothing', () => {
  const server = createServer();
  limitConnections(server, defaultLimits);
  const failed = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  expect(() => server.emit('error', failed)).not.toThrow();
});
