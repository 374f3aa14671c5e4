// A file's bytes in large blocks, straight to the socket. node blocks.mjs <path>; prints its port.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:net';

const [path] = process.argv.slice(2);

const server = createServer((socket) => {
  socket.once('data', () => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n');
    createReadStream(path, { highWaterMark: 512 * 1024 }).pipe(socket);
  });
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
