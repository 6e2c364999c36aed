import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';
import { PpvizFormatter } from '../../src/format/ppviz.js';
import {
  DOCUMENTATION_A,
  DOCUMENTATION_B,
  flowEvent,
  lossEvent,
  reversed,
  rttEvent,
} from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';

const OFFSET = 1_767_225_600_000_000_000n;
const ppviz = () => new PpvizFormatter(new Clock(OFFSET));

describe('a line', () => {
  test('has the time, the RTT and the least RTT in seconds, and the flow', () => {
    expect(textOf(ppviz(), rttEvent())).toBe(
      '1767225601.234567890 0.005425000 0.005100000 192.0.2.1:443+198.51.100.2:51515\n',
    );
  });

  test.each([
    [0n, 0, 0, '1767225600.000000000 0.000000000 0.000000000'],
    [1n, 1, 1, '1767225600.000000001 0.000000001 0.000000001'],
    [999_999_999n, 999_999_999, 37, '1767225600.999999999 0.999999999 0.000000037'],
    [
      60_000_000_000n,
      1_000_000_000,
      61_000_000_001,
      '1767225660.000000000 1.000000000 61.000000001',
    ],
  ])('at %d ns, of %d ns and at least %d ns, is exact', (timestamp, rtt, minRtt, times) => {
    const event = rttEvent({ timestamp, rtt, minRtt });
    expect(textOf(ppviz(), event)).toBe(`${times} 192.0.2.1:443+198.51.100.2:51515\n`);
  });

  test.each([
    ['ICMP', '192.0.2.1:icmp4711+198.51.100.2:icmp4711'],
    ['ICMPv6', '192.0.2.1:icmpv64711+198.51.100.2:icmpv64711'],
  ] as const)('of %s has it before the identifier, still in four fields', (protocol, flow) => {
    const event = rttEvent({ protocol, srcPort: 4711, destPort: 4711 });
    expect(textOf(ppviz(), event).trimEnd().split(' ').slice(3)).toEqual([flow]);
  });

  test('has IPv6 addresses without brackets, as the classic pping', () => {
    const ends = { srcAddress: DOCUMENTATION_A, destAddress: DOCUMENTATION_B };
    expect(textOf(ppviz(), rttEvent({ ipVersion: 6, ...ends }))).toBe(
      '1767225601.234567890 0.005425000 0.005100000 2001:db8::1:443+2001:db8::2:51515\n',
    );
  });

  test('has only the RTT also of one that stands for several', () => {
    const held = rttEvent({ samples: 12, intervalMinRtt: 5_200_000 });
    expect(textOf(ppviz(), held)).toBe(textOf(ppviz(), rttEvent()));
  });

  test('follows a line, each direction with its own source first', () => {
    const flows = textOf(ppviz(), rttEvent(), reversed(rttEvent()), rttEvent())
      .split('\n')
      .map((line) => line.split(' ')[3]);
    expect(flows).toEqual([
      '192.0.2.1:443+198.51.100.2:51515',
      '198.51.100.2:51515+192.0.2.1:443',
      '192.0.2.1:443+198.51.100.2:51515',
      undefined,
    ]);
  });
});

test('there is no line for anything else', () => {
  expect(textOf(ppviz(), flowEvent(), lossEvent())).toBe('');
  expect('notice' in ppviz()).toBe(false);
});
