// traffic.js [serve | connect ADDRESS]: connections that send something every few milliseconds, until the process is ended;
// over lo, or one end only. traffic.js collect ADDRESS: prints what is posted there, each line after its token.
// traffic.js ask URL: says whether that answers within 5 s.
import { createServer as createCollector } from 'node:http';
import { connect, createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';

const [end, address = '127.0.0.1'] = process.argv.slice(2);

if (end === 'connect') talk(7000);
else if (end === 'collect') collect(7001);
else if (end === 'ask') process.exitCode = (await isAnswered(address)) ? 0 : 1;
else {
  const server = createServer((socket) => socket.pipe(socket));
  if (end === 'serve') server.listen(7000, address);
  else server.listen(0, address, () => talk(server.address().port));
}

function talk(port) {
  for (let connection = 0; connection < 3; connection++) {
    const socket = connect(port, address);
    setInterval(() => socket.write('x'), 20);
  }
}

function collect(port) {
  createCollector(async (request, response) => {
    const text = gunzipSync(Buffer.concat(await request.toArray())).toString();
    process.stdout.write(text.replace(/^/gm, `${request.headers.authorization} `));
    response.end();
  }).listen(port, address);
}

function isAnswered(url) {
  return fetch(url, { signal: AbortSignal.timeout(5000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
