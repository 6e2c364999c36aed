import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { findInterface } from '../../src/libbpf/interfaces.js';
import { linkState } from '../../src/libbpf/link-state.js';

test('an interface as the kernel tells of it', async () => {
  const { index } = findInterface('lo');
  const before = linkState(index);
  await sendToItself(100);
  const after = linkState(index);
  expect(after).toMatchObject({ xdp: undefined, isSwitchPort: false, isLoopback: true });
  for (const hook of ['egress', 'ingress'] as const) {
    const packets = (after?.[hook].packets ?? 0) - (before?.[hook].packets ?? 0);
    const bytes = (after?.[hook].bytes ?? 0) - (before?.[hook].bytes ?? 0);
    expect(packets).toBeGreaterThanOrEqual(100);
    expect(bytes).toBeGreaterThanOrEqual(100 * 1_000);
  }
  // Each is counted on its way out and on its way in; /proc may be of a moment later.
  const line = /^ *lo:(.*)$/m.exec(readFileSync('/proc/self/net/dev', 'utf8'))?.[1];
  const [rxBytes, rxPackets] = (line ?? '').trim().split(/ +/).map(Number);
  expect(rxBytes).toBeGreaterThanOrEqual(after?.ingress.bytes ?? Number.NaN);
  expect(rxPackets).toBeGreaterThanOrEqual(after?.ingress.packets ?? Number.NaN);
});

test('an interface that is not there has no state', () => {
  expect(linkState(0x7fff_fff0)).toBeUndefined();
});

async function sendToItself(packets: number): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  for (let packet = 0; packet < packets; packet++) {
    const send = (done: () => void) => socket.send(Buffer.alloc(1_000), port, '127.0.0.1', done);
    await new Promise<void>(send);
  }
  socket.close();
}
