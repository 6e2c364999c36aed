// traffic.js [serve | connect ADDRESS]: connections that say something every few milliseconds, until the process is ended;
// over lo, or those of one end.
import { connect, createServer } from 'node:net';

const [end, address = '127.0.0.1'] = process.argv.slice(2);

if (end === 'connect') talk(7000);
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
