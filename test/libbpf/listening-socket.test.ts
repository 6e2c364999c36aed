import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { listenOn } from '../../src/libbpf/listening-socket.js';
import { parsePrefix } from '../../src/options/prefix.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function addressOf(text: string, port = 0) {
  const { ipVersion, address } = parsePrefix(text);
  return { ipVersion, address, port };
}

/** As Node has it. */
async function taken(fd: number): Promise<AddressInfo> {
  const server = createServer().listen({ fd });
  servers.push(server);
  await once(server, 'listening');
  return server.address() as AddressInfo;
}

describe('a socket that listens', () => {
  test.each([
    ['127.0.0.1', 'IPv4'],
    ['0.0.0.0', 'IPv4'],
    ['::1', 'IPv6'],
    ['::', 'IPv6'],
  ])('at %s, and a server may take it', async (text, family) => {
    const { address, port, ...rest } = await taken(listenOn(addressOf(text), text));
    expect([address, rest.family]).toEqual([text, family]);
    expect(port).toBeGreaterThan(0);
    const connection = await fetchNothing(port, family === 'IPv4' ? '127.0.0.1' : '::1');
    expect(connection).toBe('connected');
  });

  test.each([['127.0.0.1'], ['::1']])('at %s, at the port that is asked for', async (text) => {
    const { port } = await taken(listenOn(addressOf(text), text));
    servers.pop()?.close();
    expect(await taken(listenOn(addressOf(text, port), text))).toMatchObject({ port });
  });

  test('a port that is taken: one line', async () => {
    const { port } = await taken(listenOn(addressOf('127.0.0.1'), ''));
    const text = `127.0.0.1:${port} (--metrics)`;
    expect(() => listenOn(addressOf('127.0.0.1', port), text)).toThrow(
      `cannot listen on ${text}: address already in use (EADDRINUSE); another program is listening there`,
    );
  });

  test('an address of another machine: one line', () => {
    expect(() => listenOn(addressOf('192.0.2.1', 9747), '192.0.2.1:9747')).toThrow(
      'cannot listen on 192.0.2.1:9747: address not available (EADDRNOTAVAIL); this machine has no such address',
    );
  });
});

async function fetchNothing(port: number, host: string): Promise<string> {
  const { connect } = await import('node:net');
  const socket = connect(port, host);
  await once(socket, 'connect');
  socket.destroy();
  return 'connected';
}
