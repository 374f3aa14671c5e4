// A process that listens on the Unix socket at the given path until it is killed.
import { writeSync } from 'node:fs';
import { createServer } from 'node:net';

createServer().listen(process.argv[2], () => writeSync(1, 'listening\n'));
