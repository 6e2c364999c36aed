/** What the kernel holds as one packet counts as the packets that it is on the wire. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { CLIENT, Kernel, SERVER } from '../../lab/kernel/kernel.js';
import { tcpFrame } from '../../lab/kernel/packets.js';

const PAYLOAD = 3000;

let kernel: Kernel;
beforeEach(() => {
  kernel = new Kernel({ rate: 0n });
});
afterEach(() => kernel.close());

// A virtual machine's merged packet says how long its segments are, and not how many (SKB_GSO_DODGY).
test.each([
  ['as many as it says', { segments: 3, size: 1448 }, 3],
  ['as many as it says, where that is all', { segments: 3, size: 0 }, 3],
  ['one', { segments: 0, size: 0 }, 1],
  ['as many as segments of that length hold its payload', { segments: 0, size: 1448 }, 3],
  ['likewise, of which the last is full', { segments: 0, size: 1000 }, 3],
  ['one, where that length is not reached', { segments: 0, size: 4000 }, 1],
])('%s: %j', (_, { segments, size }, packets) => {
  kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
  const merged = tcpFrame(CLIENT, SERVER, { tsval: 2, seq: 1000, payload: PAYLOAD });
  kernel.show('egress', merged, segments, size);
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 2, ack: 1000 + PAYLOAD });
  expect(kernel.rtts()).toMatchObject([{ sentPackets: 1 + packets, sentBytes: PAYLOAD }]);
});

test('one, where a pure acknowledgement says how long its segments are', () => {
  kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
  kernel.show('egress', tcpFrame(CLIENT, SERVER, { tsval: 2, seq: 1000 }), 0, 1448);
  kernel.egress(CLIENT, SERVER, { tsval: 3, seq: 1000, payload: 1 });
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 3, ack: 1001 });
  expect(kernel.rtts()).toMatchObject([{ sentPackets: 3 }]);
});
