import { freePort } from '../../support/free-port.ts';
import { start } from '../processes.ts';
import { debianFile } from './downloads.ts';
import { listens } from './listens.ts';
import { createProgram, type Program, type Server, serverOf } from './program.ts';

/** Starts its command once for each client. @throws Error when it can't be downloaded */
export async function createWebsocketd(): Promise<Program> {
  const program = await debianFile(['websocketd'], 'usr/bin/websocketd');

  async function startWebsocketd(argv: string[]): Promise<Server> {
    const port = await freePort();
    const child = start(program, [`--port=${port}`, '--address=127.0.0.1', '--loglevel=fatal', ...argv], {
      stdio: 'ignore',
    });
    await listens(port);
    return serverOf(child, { protocol: 'websocket', path: '/', port });
  }

  return createProgram({
    name: 'websocketd',
    follow: (path) => startWebsocketd(['tail', '-n', '+1', '-F', path]),
    run: startWebsocketd,
  });
}
