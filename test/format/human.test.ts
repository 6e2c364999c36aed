import { describe, expect, test } from '@jest/globals';
import { Clock } from '../../src/format/clock.js';
import { HumanFormatter } from '../../src/format/human.js';
import { milliseconds } from '../../src/text/units.js';
import {
  DOCUMENTATION_A,
  DOCUMENTATION_B,
  flowEvent,
  ipv4,
  lossEvent,
  overdueEvent,
  reversed,
  rttEvent,
} from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';
import { namesOf } from '../helpers/events/names.js';

const OFFSET = BigInt(new Date(2026, 0, 15, 16, 0, 46).getTime()) * 1_000_000n;
const timestamp = 147_705_999n;
const plain = () => new HumanFormatter(new Clock(OFFSET), { color: false });
const colored = () => new HumanFormatter(new Clock(OFFSET), { color: true });

describe('a line without colour', () => {
  test('of an RTT has the time, the RTT, the least RTT, who asked and who answered', () => {
    expect(textOf(plain(), rttEvent({ timestamp }))).toBe(
      '16:00:46.147705    5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443\n',
    );
  });

  test('of an RTT that stands for several samples says so behind the rest', () => {
    const held = { samples: 12, intervalMinRtt: 5_200_000 };
    expect(textOf(plain(), rttEvent({ timestamp, ...held }))).toBe(
      '16:00:46.147705    5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443  (min of 12: 5.200 ms)\n',
    );
  });

  test('has IPv6 addresses in brackets', () => {
    const ends = { srcAddress: DOCUMENTATION_A, destAddress: DOCUMENTATION_B };
    expect(textOf(plain(), rttEvent({ timestamp, ipVersion: 6, ...ends }))).toBe(
      '16:00:46.147705    5.425 ms    5.100 ms  TCP [2001:db8::2]:51515 > [2001:db8::1]:443\n',
    );
  });

  test('of a flow that opens says so', () => {
    expect(textOf(plain(), flowEvent({ timestamp }))).toBe(
      '16:00:46.147705  TCP 192.0.2.1:443 > 198.51.100.2:51515 opened\n',
    );
  });

  test('of a flow that closes has the reason', () => {
    const closing = { change: 'closing', reason: 'flow timeout' } as const;
    const event = flowEvent({ timestamp, ...closing, triggeredBy: 'garbage collection' });
    expect(textOf(plain(), event)).toBe(
      '16:00:46.147705  TCP 192.0.2.1:443 > 198.51.100.2:51515 idle timeout\n',
    );
  });

  test('of pings says nothing of their beginning, which no packet is', () => {
    const opening = { change: 'opening', reason: 'first observed packet' } as const;
    const pings = { protocol: 'ICMP', srcPort: 7, destPort: 7 } as const;
    expect(textOf(plain(), flowEvent({ timestamp, ...opening, ...pings }))).toMatch(
      / first seen\n$/,
    );
  });

  test.each([
    ['opening', 'SYN-ACK', 'dest', 'opened'],
    ['opening', 'SYN', 'src', 'opened (SYN)'],
    ['opening', 'Initial', 'src', 'opened'],
    ['opening', 'first observed packet', 'src', 'already open'],
    ['closing', 'FIN', 'dest', 'FIN from dest'],
    ['closing', 'RST', 'src', 'RST from src'],
    ['closing', 'SYN', 'src', 'ports reused'],
    ['closing', 'Initial', 'src', 'ports reused'],
    ['closing', 'flow timeout', 'garbage collection', 'idle timeout'],
  ] as const)(
    '%s due to %s from %s: %s, within 80 columns of IPv4',
    (change, reason, triggeredBy, text) => {
      const src = { srcAddress: ipv4('192.168.100.100'), srcPort: 50_000 };
      const dest = { destAddress: ipv4('192.168.200.200'), destPort: 60_000 };
      const ends = { ...src, ...dest, ipVersion: 4 } as const;
      const isOfQuic = reason === 'Initial' || reason === 'flow timeout';
      const protocol = isOfQuic ? 'QUIC' : 'TCP';
      const event = flowEvent({ timestamp, ...ends, protocol, change, reason, triggeredBy });
      const line = textOf(plain(), event).trimEnd();
      expect(line).toBe(
        `16:00:46.147705  ${protocol} 192.168.100.100:50000 > 192.168.200.200:60000 ${text}`,
      );
      expect(line.length).toBeLessThanOrEqual(80);
    },
  );

  test('there is none where nothing has happened', () => {
    expect(textOf(plain(), flowEvent({ timestamp, change: 'unmeasured' }))).toBe('');
  });

  test('of data without an answer has how long it has waited', () => {
    expect(textOf(plain(), overdueEvent({ timestamp }))).toBe(
      `16:00:46.147705  no answer for ${milliseconds(1e10)}  TCP 198.51.100.2:51515 > 192.0.2.1:443\n`,
    );
  });

  test('of a loss has both numbers', () => {
    expect(textOf(plain(), lossEvent({ timestamp }))).toBe(
      '16:00:46.147705  lost 3 RTTs and 1 flow event: ring buffer full\n',
    );
  });

  test('follows a line, in order, each direction with who asked first', () => {
    const there = rttEvent({ timestamp });
    expect(textOf(plain(), there, reversed(there), there)).toBe(
      '16:00:46.147705    5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443\n' +
        '16:00:46.147705    5.425 ms    5.100 ms  TCP 192.0.2.1:443 > 198.51.100.2:51515\n' +
        '16:00:46.147705    5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443\n',
    );
  });
});

test('on a terminal the first line says what the columns are', () => {
  const formatter = new HumanFormatter(new Clock(OFFSET), { color: false, hasHeading: true });
  const events = [rttEvent({ timestamp }), rttEvent({ timestamp, rtt: 123_456_000 })];
  expect(textOf(formatter, ...events).split('\n')).toEqual([
    'time                    RTT     min RTT  sender > responder',
    '16:00:46.147705    5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443',
    '16:00:46.147705  123.456 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443',
    '',
  ]);
});

test('with dates they line up, too', () => {
  const clock = new Clock(OFFSET, { hasDate: true });
  const formatter = new HumanFormatter(clock, { color: false, hasHeading: true });
  expect(textOf(formatter, rttEvent({ timestamp })).split('\n')).toEqual([
    'time                               RTT     min RTT  sender > responder',
    '2026-01-15 16:00:46.147705    5.425 ms    5.100 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443',
    '',
  ]);
});

test('as the classic pping has it, the responder comes first, and src of a flow', () => {
  const classic = new HumanFormatter(new Clock(OFFSET), { color: false, isClassic: true });
  expect(textOf(classic, rttEvent({ timestamp }), flowEvent({ timestamp }))).toBe(
    '16:00:46.147705  5.425 ms  5.100 ms  TCP 192.0.2.1:443+198.51.100.2:51515\n' +
      '16:00:46.147705  TCP 192.0.2.1:443+198.51.100.2:51515 opening due to SYN-ACK from dest\n',
  );
});

describe('colour', () => {
  const TIME = '\x1b[2m16:00:46.147705\x1b[22m';

  test.each([
    ['green (32) below 1.5 times the least', 1_499_999, '\x1b[32m  1.500 ms\x1b[39m'],
    ['yellow (33) from 1.5 times', 1_500_000, '\x1b[33m  1.500 ms\x1b[39m'],
    ['yellow (33) below 3 times', 2_999_999, '\x1b[33m  3.000 ms\x1b[39m'],
    ['red (31) from 3 times', 3_000_000, '\x1b[31m  3.000 ms\x1b[39m'],
  ])('of an RTT is %s', (_, rtt, painted) => {
    expect(textOf(colored(), rttEvent({ timestamp, rtt, minRtt: 1_000_000 }))).toBe(
      `${TIME}  ${painted}    1.000 ms  TCP 198.51.100.2:51515 > 192.0.2.1:443\n`,
    );
  });

  test('of a flow event is cyan, but not on its flow', () => {
    expect(textOf(colored(), flowEvent({ timestamp }))).toBe(
      `${TIME}  TCP 192.0.2.1:443 > 198.51.100.2:51515 \x1b[36mopened\x1b[39m\n`,
    );
  });

  test('of a loss is red', () => {
    expect(textOf(colored(), lossEvent({ timestamp }))).toBe(
      `${TIME}  \x1b[31mlost 3 RTTs and 1 flow event: ring buffer full\x1b[39m\n`,
    );
  });
});

test.each([
  [0, '0.000 ms'],
  [499, '0.000 ms'],
  [501, '0.001 ms'],
  [1_234_567, '1.235 ms'],
  [60_000_000_000, '60000.000 ms'],
])('%d ns are written as %s: never another unit', (nanoseconds, text) => {
  expect(milliseconds(nanoseconds)).toBe(text);
});

describe('with names of hosts', () => {
  const ends = '198.51.100.2:51515 > ';

  test('a line has the address until the name is known, and the name from then on', () => {
    const names = namesOf({});
    const formatter = new HumanFormatter(new Clock(OFFSET), { color: false, names });
    expect(textOf(formatter, rttEvent())).toContain(`TCP ${ends}192.0.2.1:443\n`);
    names.learn('192.0.2.1', 'db1.example');
    expect(textOf(formatter, rttEvent())).toContain(`TCP ${ends}db1.example:443\n`);
    expect(textOf(formatter, overdueEvent())).toContain(`TCP ${ends}db1.example:443\n`);
    expect(textOf(formatter, flowEvent())).toContain('TCP db1.example:443 > 198.51.100.2:51515 ');
  });

  test('so have ends before NAT', () => {
    const names = namesOf({ '10.0.0.1': 'web1.example' });
    const original = { src: { address: ipv4('10.0.0.1'), port: 80 }, dest: undefined };
    const attributionOf = () => ({ original });
    const formatter = new HumanFormatter(new Clock(OFFSET), { color: false, names, attributionOf });
    expect(textOf(formatter, rttEvent())).toContain('  nat web1.example:80\n');
  });
});
