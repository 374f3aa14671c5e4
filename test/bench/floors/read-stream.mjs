// A file's bytes as most Node programs serve them. node read-stream.mjs <path>; prints its port.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';

const [path] = process.argv.slice(2);

const server = createServer((_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  createReadStream(path).pipe(response);
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
