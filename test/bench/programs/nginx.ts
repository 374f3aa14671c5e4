import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { start, stop } from '../processes.ts';
import { debianFile } from './downloads.ts';
import { listens } from './listens.ts';
import { createProgram, type Program, type Server } from './program.ts';

const publisher = fileURLToPath(new URL('../peers/nchan-publisher.mjs', import.meta.url));

/**
 * nginx as a static file server, and with nchan as a hub for server-sent events that resume by Last-Event-ID. nchan
 * doesn't read files: a small program posts each line of `tail -F` to it.
 * @throws Error when it can't be downloaded
 */
export async function createNginx(): Promise<Program> {
  const program = await debianFile(['nginx'], 'usr/sbin/nginx');
  const module = await debianFile(['libnginx-mod-nchan'], 'usr/lib/nginx/modules/ngx_nchan_module.so');

  async function startNginx(locations: string, folder: string, publish?: string[]): Promise<Server> {
    const port = await freePort();
    const prefix = await mkdtemp(join(folder, 'nginx-'));
    await mkdir(join(prefix, 'temp'));
    const config = join(prefix, 'nginx.conf');
    await writeFile(config, configText({ module: await movableModule(module, prefix), prefix, port, locations }));
    const child = start(program, ['-c', config, '-p', prefix, '-e', join(prefix, 'error.log')], { stdio: 'ignore' });
    await listens(port);
    const source =
      publish && start(process.execPath, [publisher, String(port), '/publish', ...publish], { stdio: 'ignore' });
    return {
      pid: child.pid as number,
      target: { protocol: 'sse', path: '/events', port },
      async close() {
        if (source !== undefined) await stop(source);
        await stop(child);
      },
    };
  }

  return createProgram({
    name: 'nginx',
    isLossy: true,
    follow: (path, folder) => startNginx(nchanLocations, folder, ['tail', '-n', '+1', '-F', path]),
    async serve(path, folder) {
      const server = await startNginx(`location / { root ${dirname(path)}; }`, folder);
      return { ...server, target: { ...server.target, path: `/${basename(path)}` } };
    },
  });
}

/**
 * nchan insists on a folder for large messages where Debian's nginx has it, and takes its own option for that path as
 * given twice (1.3.6). A copy with a path of the same length, relative to nginx's prefix, needs nothing on the machine.
 */
async function movableModule(module: string, prefix: string): Promise<string> {
  const code = await readFile(module);
  const at = code.indexOf('/var/lib/nginx/body\0');
  if (at < 0) return module;
  code.write('temp/nchan-messages', at, 'latin1');
  const copy = join(prefix, basename(module));
  await writeFile(copy, code);
  return copy;
}

const nchanLocations = `
    location = /publish {
      nchan_publisher;
      nchan_channel_id log;
      nchan_message_buffer_length 1000000;
      nchan_message_timeout 1h;
    }
    location = /events {
      nchan_subscriber eventsource;
      nchan_channel_id log;
      nchan_subscriber_first_message oldest;
    }`;

function configText(config: { module: string; prefix: string; port: number; locations: string }): string {
  const { module, prefix, port, locations } = config;
  const isRoot = process.getuid?.() === 0;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${prefix}/temp/${name};`,
  );
  return `
${isRoot ? 'user root;' : ''}
daemon off;
worker_processes 1;
load_module ${module};
pid ${prefix}/nginx.pid;
error_log ${prefix}/error.log;
events { worker_connections 4096; }
http {
  ${temporary.join('\n  ')}
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 1G;
  server {
    listen 127.0.0.1:${port};
${locations}
  }
}
`;
}
