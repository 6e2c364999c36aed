import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ServerOptions } from './options.js';
import { decodeTerms, HEADER_BYTES } from './protocol.js';

/** Serves until the signal. Port 0 takes a free one: read it from the line it prints. */
export async function runServer(options: ServerOptions, signal: AbortSignal): Promise<void> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(options.port, options.address);
  await once(server, 'listening');
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);

  if (!signal.aborted) await once(signal, 'abort');
  server.close();
  for (const socket of sockets) socket.destroy();
}

function serve(socket: Socket): void {
  let header = Buffer.alloc(0);
  let answer: ((bytes: number) => void) | undefined;
  socket.on('error', () => {}); // the peer went away: 'close' follows
  socket.on('data', (chunk) => {
    if (answer !== undefined) return answer(chunk.length);
    header = Buffer.concat([header, chunk]);
    if (header.length < HEADER_BYTES) return;
    answer = replier(socket, header);
    answer?.(header.length - HEADER_BYTES);
  });
}

/** Takes counts of received bytes and replies as often as they make a request. */
function replier(socket: Socket, header: Buffer): ((bytes: number) => void) | undefined {
  const terms = decodeTerms(header);
  if (terms === undefined) {
    socket.destroy();
    return undefined;
  }
  const bytesOfReply = Buffer.alloc(terms.replyBytes);
  const reply = () => socket.destroyed || socket.write(bytesOfReply);
  let received = 0;
  return (bytes) => {
    for (received += bytes; received >= terms.requestBytes; received -= terms.requestBytes) {
      if (terms.thinkMs === 0) reply();
      else setTimeout(reply, terms.thinkMs);
    }
  };
}
