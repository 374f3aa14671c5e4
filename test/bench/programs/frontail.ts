import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.ts';
import { start } from '../processes.ts';
import { npmPackage } from './downloads.ts';
import { listens } from './listens.ts';
import { createProgram, type Program, type Server, serverOf } from './program.ts';

/** @throws Error when it can't be downloaded */
export async function createFrontail(): Promise<Program> {
  const program = join(await npmPackage('frontail', '4.9.2'), 'bin/frontail');

  async function startFrontail(operand: string, command: string[] = []): Promise<Server> {
    const port = await freePort();
    const frontail = [
      process.execPath,
      program,
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '--disable-usage-stats',
      operand,
    ];
    const pipeline = command.length === 0 ? `exec ${quoted(frontail)}` : `${quoted(command)} | ${quoted(frontail)}`;
    const child = start('sh', ['-c', pipeline], { stdio: 'ignore' });
    await listens(port);
    const namespace = `/${createHash('md5').update(operand).digest('hex')}`;
    return serverOf(child, { protocol: 'socket.io', path: '/socket.io/?EIO=3&transport=websocket', namespace, port });
  }

  return createProgram({
    name: 'frontail',
    follow: (path) => startFrontail(path),
    run: (argv) => startFrontail('-', argv),
  });
}

function quoted(argv: string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
