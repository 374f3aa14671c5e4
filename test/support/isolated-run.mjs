// Runs the program given as argument in a network namespace that has nothing but a loopback interface, asks for what it
// serves, and prints what came as JSON. Plain JavaScript: it runs beside the built program, without a loader.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const agent = spawn(process.execPath, [
  process.argv[2],
  '-q',
  '--linger',
  '1m',
  '--',
  'sh',
  '-c',
  'echo hello; exit 3',
]);
let told = '';
for await (const chunk of agent.stderr) {
  told += chunk;
  if (told.includes('\n')) break;
}
const url = /http:\S+/.exec(told)?.[0];
const ask = async (path) => fetch(`${url}${path}`);
let raw = '';
for (let tries = 0; raw === '' && tries < 500; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  raw = await (await ask('raw')).text();
}
const answers = {
  routes: readFileSync('/proc/net/route', 'utf8').trim().split('\n').length - 1,
  raw,
  page: (await ask('')).status,
  healthz: (await (await ask('healthz')).json()).status,
};
agent.kill('SIGTERM');
const [code] = await once(agent, 'exit');
process.stdout.write(JSON.stringify({ ...answers, code }));
