/** Every way a TCP timestamp may be wrapped, and everything that is none. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, type Kernel, PASS_ON, SERVER } from '../../lab/kernel/kernel.js';
import {
  type Encapsulation,
  type End,
  frame,
  tcpFrame,
  timestampOption,
} from '../../lab/kernel/packets.js';
import type { CounterName } from '../../src/core/counters.js';
import { Targets } from '../helpers/core/targets.js';

const CLIENT6: End = { address: 'fd00::1', port: 40000 };
const SERVER6: End = { address: 'fd00::2', port: 443 };
const NOP = Buffer.from([1]);

let kernel: Kernel;
afterEach(() => kernel.close());

/** The RTTs of one request and its answer, both wrapped like this. */
function measure(
  client: End,
  server: End,
  around: Encapsulation,
  options?: (tsval: number, tsecr: number) => Buffer,
): number[] {
  const say = (tsval: number, tsecr: number) => ({
    tsval,
    tsecr,
    ...(options && { options: options(tsval, tsecr) }),
  });
  kernel.egress(client, server, say(1, 1), around);
  kernel.ingress(server, client, say(1, 1), around);
  kernel.at(100n).egress(client, server, { ...say(7, 1), seq: 1000, payload: 10 }, around);
  kernel.at(600n).ingress(server, client, { ...say(2, 7), ack: 1010 }, around);
  return kernel.rtts().map(({ rtt }) => rtt);
}

const routing = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const padOptions = Buffer.from([0, 0, 1, 4, 0, 0, 0, 0]);
const firstFragment = Buffer.from([0, 0, 0, 1, 0, 0, 0, 9]);
const authentication = Buffer.from([0, 4, ...Array(22).fill(0)]);

describe('what is measured', () => {
  const cases: [string, End, End, Encapsulation][] = [
    ['IPv4', CLIENT, SERVER, {}],
    ['IPv6', CLIENT6, SERVER6, {}],
    ['a VLAN tag in the frame', CLIENT, SERVER, { vlans: [0x8100] }],
    ['two VLAN tags', CLIENT, SERVER, { vlans: [0x88a8, 0x8100] }],
    ['two VLAN tags and IPv6', CLIENT6, SERVER6, { vlans: [0x8100, 0x8100] }],
    ['a tag of before 802.1ad', CLIENT, SERVER, { vlans: [0x9100, 0x8100] }],
    ['three VLAN tags', CLIENT, SERVER, { vlans: [0x8100, 0x8100, 0x8100] }],
    ['four VLAN tags', CLIENT6, SERVER6, { vlans: [0x88a8, 0x88a8, 0x8100, 0x8100] }],
    ['IPv4 options', CLIENT, SERVER, { ipOptions: Buffer.alloc(4, 1) }],
    ['all the IPv4 options there can be', CLIENT, SERVER, { ipOptions: Buffer.alloc(40, 1) }],
    ['the first of IPv4 fragments', CLIENT, SERVER, { fragment: 0x2000 }],
    ['a hop-by-hop header', CLIENT6, SERVER6, { extensions: [[0, padOptions]] }],
    ['an authentication header', CLIENT6, SERVER6, { extensions: [[51, authentication]] }],
    ['the first of IPv6 fragments', CLIENT6, SERVER6, { extensions: [[44, firstFragment]] }],
    [
      'a chain of IPv6 extension headers behind two tags',
      CLIENT6,
      SERVER6,
      {
        vlans: [0x88a8, 0x8100],
        extensions: [
          [0, padOptions],
          [60, padOptions],
          [43, routing],
          [44, firstFragment],
          [51, authentication],
          [60, padOptions],
        ],
      },
    ],
    ['a frame that Ethernet has padded', CLIENT, SERVER, { padding: 6 }],
  ];
  test.each(cases)('%s', (_, client, server, around) => {
    kernel = new Targets({ rate: 0n });
    expect(measure(client, server, around)).toEqual([500]);
    expect(kernel.counters()).toMatchObject({ malformed: 0, remembered: 1 });
  });

  test.each([
    ['IPv4', CLIENT, SERVER],
    ['IPv6', CLIENT6, SERVER6],
  ])('%s on an interface without a link header', (_, client, server) => {
    kernel = new Targets({ rate: 0n }, 'ip');
    expect(measure(client, server, { ethernet: false })).toEqual([500]);
  });

  const mss = Buffer.from([2, 4, 5, 180]);
  const sack = Buffer.from([5, 10, 0, 0, 0, 1, 0, 0, 0, 2]);
  const unknown = Buffer.from([253, 5, 1, 2, 3]);
  const orders: [string, (tsval: number, tsecr: number) => Buffer][] = [
    ['alone', (...times) => timestampOption(...times)],
    ['before its padding', (...times) => Buffer.concat([timestampOption(...times), NOP, NOP])],
    ['after MSS', (...times) => Buffer.concat([mss, timestampOption(...times)])],
    ['after SACK blocks', (...times) => Buffer.concat([NOP, NOP, sack, timestampOption(...times)])],
    [
      'after unknown options',
      (...times) => Buffer.concat([unknown, unknown, timestampOption(...times)]),
    ],
    ['at an odd place', (...times) => Buffer.concat([NOP, timestampOption(...times)])],
    [
      'at the very end of the longest header',
      (...times) => Buffer.concat([Buffer.alloc(30, 1), timestampOption(...times)]),
    ],
    [
      'before the end-of-options mark',
      (...times) => Buffer.concat([timestampOption(...times), Buffer.from([0, 99])]),
    ],
  ];
  test.each(orders)('the timestamp option %s', (_, options) => {
    kernel = new Targets({ rate: 0n });
    expect(measure(CLIENT, SERVER, {}, options)).toEqual([500]);
  });
});

describe('IPv4 and IPv6 do not mix', () => {
  test('a mapped address on the wire is another flow than the IPv4 one', () => {
    kernel = new Targets({ rate: 0n });
    const mapped = (end: End, last: number): End => ({
      address: `::ffff:a00:${last}`,
      port: end.port,
    });
    kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
    kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
    kernel.egress(CLIENT, SERVER, { tsval: 7, tsecr: 1, seq: 1000, payload: 10 });
    kernel
      .at(500n)
      .ingress(mapped(SERVER, 2), mapped(CLIENT, 1), { tsval: 2, tsecr: 7, ack: 1010 });
    expect(kernel.rtts()).toEqual([]);
  });
});

describe('what is counted and left alone', () => {
  const good = tcpFrame(CLIENT, SERVER, { tsval: 1, tsecr: 1, payload: 4 });
  const changed = (change: (copy: Buffer) => void, base = good) => {
    const copy = Buffer.from(base);
    change(copy);
    return copy;
  };
  const options = (bytes: number[]) => tcpFrame(CLIENT, SERVER, { options: Buffer.from(bytes) });
  const cases: [string, CounterName, Buffer][] = [
    ['ARP', 'notIp', frame(0x0806, Buffer.alloc(46))],
    ['five VLAN tags', 'notIp', tcpFrame(CLIENT, SERVER, {}, { vlans: Array(5).fill(0x8100) })],
    ['UDP', 'notTcp', tcpFrame(CLIENT, SERVER, {}, { protocol: 17 })],
    ['UDP over IPv6', 'notTcp', tcpFrame(CLIENT6, SERVER6, {}, { protocol: 17 })],
    [
      'ESP behind an extension header',
      'notTcp',
      tcpFrame(CLIENT6, SERVER6, {}, { protocol: 50, extensions: [[60, padOptions]] }),
    ],
    ['a later IPv4 fragment', 'fragment', tcpFrame(CLIENT, SERVER, {}, { fragment: 0x00b9 })],
    [
      'a later IPv6 fragment',
      'fragment',
      tcpFrame(CLIENT6, SERVER6, {}, { extensions: [[44, Buffer.from([0, 0, 0, 8, 0, 0, 0, 9])]] }),
    ],
    ['no TCP options', 'noTimestamp', options([])],
    ['TCP options without a timestamp', 'noTimestamp', options([2, 4, 5, 180])],
    [
      'a timestamp behind the end-of-options mark',
      'noTimestamp',
      options([0, 0, ...timestampOption(1, 1)]),
    ],
    [
      'an IPv4 version that the ethertype does not say',
      'malformed',
      changed((copy) => copy.writeUInt8(0x65, 14)),
    ],
    ['an IPv4 header length below 20', 'malformed', changed((copy) => copy.writeUInt8(0x44, 14))],
    [
      'an IPv4 length beyond the frame',
      'malformed',
      changed((copy) => copy.writeUInt16BE(1500, 16)),
    ],
    ['an IPv4 length below its header', 'malformed', changed((copy) => copy.writeUInt16BE(19, 16))],
    ['a TCP data offset below 20 bytes', 'malformed', changed((copy) => copy.writeUInt8(0x40, 46))],
    [
      'a TCP data offset beyond the packet',
      'malformed',
      changed((copy) => copy.writeUInt8(0xf0, 46)),
    ],
    ['a TCP option of length 0', 'malformed', options([5, 0, 1, 1])],
    ['a TCP option of length 1', 'malformed', options([5, 1, 1, 1])],
    ['a TCP option beyond the header', 'malformed', options([5, 40, 1, 1])],
    ['a TCP option without its length', 'malformed', options([1, 1, 1, 5])],
    ['a timestamp option of the wrong length', 'malformed', options([8, 8, 0, 0, 0, 1, 0, 0])],
    ['a TCP header cut short', 'malformed', changed((copy) => copy.writeUInt16BE(20 + 19, 16))],
    [
      'an IPv6 extension header beyond the packet',
      'malformed',
      tcpFrame(
        CLIENT6,
        SERVER6,
        {},
        { extensions: [[60, Buffer.from([0, 200, 0, 0, 0, 0, 0, 0])]] },
      ),
    ],
    [
      'seven IPv6 extension headers',
      'malformed',
      tcpFrame(CLIENT6, SERVER6, {}, { extensions: Array(7).fill([60, padOptions]) }),
    ],
  ];
  test.each(cases)('%s: %s', (_, counter, data) => {
    kernel = new Targets({ sequence: false });
    expect(kernel.show('ingress', data).verdict).toBe(PASS_ON);
    expect(kernel.counters()).toMatchObject({ ingress: 1, [counter]: 1 });
    expect(kernel.events()).toEqual([]);
  });

  test('a packet cut at any byte: passed on, counted once, nothing reported', () => {
    kernel = new Targets();
    const whole = tcpFrame(
      CLIENT6,
      SERVER6,
      { tsval: 9, tsecr: 1, payload: 4 },
      { extensions: [[0, padOptions]], vlans: [0x8100] },
    );
    // The kernel itself refuses to run a program on less than an Ethernet header.
    for (let length = 14; length < whole.length; length++) {
      expect(kernel.show('egress', whole.subarray(0, length)).verdict).toBe(PASS_ON);
    }
    const { egress, malformed } = kernel.counters();
    expect(egress).toBe(whole.length - 14);
    expect(malformed).toBe(egress);
  });
});

test('the packet is passed on unchanged', () => {
  kernel = new Targets({ rate: 0n });
  for (const around of [{}, { vlans: [0x8100] }, { ipOptions: Buffer.alloc(8, 1) }]) {
    const data = tcpFrame(CLIENT, SERVER, { tsval: 5, tsecr: 1, payload: 300 }, around);
    const shown = kernel.show('egress', data);
    expect(shown.verdict).toBe(PASS_ON);
    expect(shown.data.equals(data)).toBe(true);
  }
});
