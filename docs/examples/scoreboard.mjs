// Serves the scoreboard page beside the client that it uses. The relay must allow this page's origin:
//   baton relay --allow-origin http://127.0.0.1:8900
//   node docs/examples/scoreboard.mjs            then open the address it prints, with ?relay=…&event=…
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const PAGE = new URL('./scoreboard.html', import.meta.url);
const CLIENT = new URL('../../client-core/dist/', import.meta.url);
const MODULE = /^\/client\/([a-z0-9/-]+\.js)$/;

const fileFor = (path) => {
  const name = MODULE.exec(path)?.[1];
  if (name !== undefined) return { file: new URL(name, CLIENT), type: 'text/javascript' };
  return path === '/' ? { file: PAGE, type: 'text/html' } : null;
};

const server = createServer(async (request, response) => {
  const found = fileFor(new URL(request.url ?? '/', 'http://here').pathname);
  const body = found === null ? null : await readFile(fileURLToPath(found.file)).catch(() => null);
  response.writeHead(body === null ? 404 : 200, { 'Content-Type': `${found?.type ?? 'text/plain'}; charset=utf-8` });
  response.end(body ?? 'there is no such file');
});

server.listen(Number(process.env.PORT ?? 8900), '127.0.0.1', () => {
  console.log(`scoreboard http://127.0.0.1:${server.address().port}/`);
});
