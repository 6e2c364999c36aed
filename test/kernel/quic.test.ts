/** RTTs of QUIC's handshakes, on both targets. */
import { afterEach, expect, test } from '@jest/globals';
import { type Kernel, MILLISECOND } from '../../lab/kernel/kernel.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';
import { connectionId, longPacket, quicFrame, shortPacket } from '../helpers/packets/quic.js';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 443 };

let kernel: Kernel;
afterEach(() => kernel.close());

function watch(settings: Partial<Settings> = {}): void {
  const filter = { ...NO_FILTER, protocols: ['quic'] as const };
  kernel = new Targets({ rate: 0n, ...settings }, 'ethernet', {}, filter);
}

test('a flow opens once both ends were seen', () => {
  watch();
  const initial = longPacket({ type: 'initial', dcid: connectionId(1), payload: 1200 });
  kernel.at(0n).show('egress', quicFrame(CLIENT, SERVER, [initial]));
  kernel.at(MILLISECOND).show('ingress', quicFrame(SERVER, CLIENT, [shortPacket()]));
  expect(kernel.events()).toMatchObject([
    { type: 'flow', change: 'opening', protocol: 'QUIC', srcPort: 50_000, destPort: 443 },
  ]);
  expect(kernel.counters()).toMatchObject({ handshake: 1, spinBit: 1 });
});
