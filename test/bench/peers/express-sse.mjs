// A log on a page with express and server-sent events, as tutorials show it: readline over `tail -F` or a command, and
// a loop over the responses for each line. node express-sse.mjs <program> [argument …]; prints its port.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import express from 'express';

const [program, ...args] = process.argv.slice(2);
const clients = new Set();
let id = 0;

const app = express();
app.get('/events', (req, res) => {
  res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache', Connection: 'keep-alive' });
  res.flushHeaders();
  clients.add(res);
  req.on('close', () => clients.delete(res));
});

const source = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('exit', () => source.kill());
process.on('SIGTERM', () => process.exit());
createInterface({ input: source.stdout }).on('line', (line) => {
  id++;
  for (const res of clients) res.write(`id: ${id}\ndata: ${line}\n\n`);
});

const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
