// Posts each line that a command prints to an nchan channel, some requests ahead of their answers.
// node nchan-publisher.mjs <port> <path> <program> [argument …]
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [port, path, program, ...args] = process.argv.slice(2);
const mark = 'HTTP/1.1 ';
const mostAhead = 256;
let ahead = 0;
let rest = '';

const source = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => source.kill());
process.on('SIGTERM', () => process.exit());
const lines = createInterface({ input: source.stdout });

const socket = connect(Number(port), '127.0.0.1');
socket.setEncoding('latin1').on('data', (text) => {
  const seen = rest + text;
  ahead -= seen.split(mark).length - 1;
  rest = seen.slice(1 - mark.length);
  if (ahead < mostAhead) lines.resume();
});
lines.on('line', (line) => {
  ahead++;
  socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${Buffer.byteLength(line)}\r\n\r\n${line}`);
  if (ahead >= mostAhead) lines.pause();
});
