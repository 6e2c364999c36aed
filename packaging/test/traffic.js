// Connections over lo that say something every few milliseconds, until the process is ended.
import { connect, createServer } from 'node:net';

const server = createServer((socket) => socket.pipe(socket));
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  for (let connection = 0; connection < 3; connection++) {
    const socket = connect(port, '127.0.0.1');
    setInterval(() => socket.write('x'), 20);
  }
});
