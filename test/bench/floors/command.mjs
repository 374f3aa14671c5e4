// What a command prints, written straight to the socket of the one client there is: no lines, no ids, no memory.
// node command.mjs <program> [argument …]; prints its port.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const [program, ...args] = process.argv.slice(2);

const server = createServer((socket) => {
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n');
    const command = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    command.stdout.pipe(socket);
    socket.on('close', () => command.kill());
  });
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
