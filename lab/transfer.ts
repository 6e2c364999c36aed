// One connection that carries a content both ends can tell the hash of.
//   transfer receive <address>                    prints its port, then what has come
//   transfer send <address> <port> <bytes> <seed> a line on stdin allows so many bytes; its end, all
// What is allowed is sent the slower the less of it is left, so that something is always on its way.
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  type AddressInfo,
  connect,
  createServer,
  type Socket,
  type TcpNetConnectOpts,
} from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Of what is left: about 63 % in three seconds. */
const TICK_MS = 10;
const TICKS = 300;
const BLOCK = Buffer.alloc(1 << 18);

const [role, address, port, bytes, seed] = process.argv.slice(2);
try {
  if (role === 'receive' && address) print(await receive(address));
  else if (role === 'send' && address && port && bytes && seed) {
    print(await send({ host: address, port: Number(port), noDelay: true }, Number(bytes), seed));
  } else throw new Error('receive <address>, or send <address> <port> <bytes> <seed>');
} catch (failure) {
  process.stderr.write(`transfer: ${failure instanceof Error ? failure.message : failure}\n`);
  process.exitCode = 1;
}
process.stdin.destroy(); // or an open stdin would keep the process

async function receive(host: string): Promise<object> {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
  const [socket] = (await once(server, 'connection')) as [Socket];
  server.close();
  const hash = createHash('sha256');
  for await (const chunk of socket) hash.update(chunk);
  return { bytes: socket.bytesRead, sha256: hash.digest('hex') };
}

async function send(to: TcpNetConnectOpts, total: number, seed: string): Promise<object> {
  const random = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16));
  const hash = createHash('sha256');
  const socket = connect(to);
  await once(socket, 'connect');
  const left = allowance(total);
  for (let sent = 0; sent < total; ) {
    const tick = left.isAll ? total - sent : Math.ceil((left.allowed - sent) / TICKS);
    for (let due = Math.min(tick, total - sent); due > 0; ) {
      const block = random.update(BLOCK.subarray(0, due));
      hash.update(block);
      if (!socket.write(block)) await once(socket, 'drain');
      due -= block.length;
      sent += block.length;
    }
    if (!left.isAll) await sleep(TICK_MS);
  }
  socket.end();
  await once(socket.resume(), 'close');
  return { bytes: socket.bytesWritten, sha256: hash.digest('hex') };
}

/** What stdin has allowed so far. */
function allowance(total: number) {
  const state = { allowed: 0, isAll: false };
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      state.allowed = Math.min(state.allowed + Number(line), total);
    })
    .on('close', () => {
      state.isAll = true;
    });
  return state;
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
