// server.mjs <port> <folder>: a file for each batch, whole or not at all, and the headers of all requests in `headers`.
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const [, , port, folder] = process.argv;

createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  appendFileSync(`${folder}/headers`, `${JSON.stringify(request.headers)}\n`);
  writeFileSync(`${folder}/unfinished`, gunzipSync(body));
  // In order, also of several processes.
  renameSync(
    `${folder}/unfinished`,
    `${folder}/${String(process.hrtime.bigint()).padStart(20, '0')}`,
  );
  response.end();
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
