import { describe, expect, test } from '@jest/globals';
import { copyOf } from '../../src/events/decode.js';
import type { TunnelName } from '../../src/events/names.js';
import type { Surroundings } from '../../src/events/places.js';
import type { Event } from '../../src/events/types.js';
import { RecordView } from '../../src/events/view.js';
import { Clock } from '../../src/format/clock.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { rttRecord } from '../helpers/core/records.js';
import {
  DOCUMENTATION_A,
  DOCUMENTATION_B,
  flowEvent,
  lossEvent,
  NO_LOSSES,
  overdueEvent,
  reversed,
  rttEvent,
} from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';

const OFFSET = 1_767_225_600_000_000_000n;
const timestamp = 123_456_789n;
const lines = (...events: Event[]) =>
  textOf(new NdjsonFormatter(new Clock(OFFSET), 'eth0'), ...events);

const START = '"timestamp":1767225600123456789,"interface":"eth0"';
const FLOW =
  '"flow_id":7,"src_ip":"192.0.2.1","src_port":443,"dest_ip":"198.51.100.2","dest_port":51515,"protocol":"TCP"';
const TRAFFIC =
  '"sent_packets":11,"sent_bytes":1201,"rec_packets":13,"rec_bytes":15001' +
  ',"sent_retransmitted_packets":2,"sent_retransmitted_bytes":301,"sent_reordered_packets":3,"sent_duplicate_acks":5,"sent_zero_windows":1' +
  ',"rec_retransmitted_packets":4,"rec_retransmitted_bytes":4507,"rec_reordered_packets":6,"rec_duplicate_acks":8,"rec_zero_windows":9';
const NUMBERS = `"rtt":5425000,"min_rtt":5100000,"srtt":5300000,"rttvar":120000,${TRAFFIC}`;

describe('a line, to the byte,', () => {
  test('of an RTT', () => {
    expect(lines(rttEvent({ timestamp }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":false,"by":"timestamp","answer":"ack"}\n`,
    );
  });

  test('of an RTT that stands for several samples', () => {
    const held = { samples: 3, intervalMinRtt: 5_200_000 };
    expect(lines(rttEvent({ timestamp, ...held }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":false,"by":"timestamp","answer":"ack","samples":3,"interval_min_rtt":5200000}\n`,
    );
  });

  test('of an RTT matched on egress', () => {
    expect(lines(rttEvent({ timestamp, matchOnEgress: true }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":true,"by":"timestamp","answer":"ack"}\n`,
    );
  });

  test('of the RTT of a keep-alive, which alone says so', () => {
    expect(lines(rttEvent({ timestamp, keepAlive: true, by: 'sequence' }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":false,"by":"sequence","answer":"ack","keep_alive":true}\n`,
    );
  });

  test('of the RTT of a handshake, which alone says so', () => {
    expect(lines(rttEvent({ timestamp, handshake: true, answer: 'handshake' }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":false,"by":"timestamp","answer":"handshake","handshake":true}\n`,
    );
  });

  test('of an RTT by sequence number', () => {
    expect(lines(rttEvent({ timestamp, by: 'sequence' }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":false,"by":"sequence","answer":"ack"}\n`,
    );
  });

  test.each([
    ['identifier', 'reply'],
    ['connection_id', 'handshake'],
  ] as const)('of an RTT by %s', (by, answer) => {
    expect(lines(rttEvent({ timestamp, by, answer }))).toBe(
      `{"type":"rtt",${START},${FLOW},${NUMBERS},"match_on_egress":false,"by":"${by}","answer":"${answer}"}\n`,
    );
  });

  test('of a flow event', () => {
    expect(lines(flowEvent({ timestamp }))).toBe(
      `{"type":"flow",${START},${FLOW},"flow_event":"opening","reason":"SYN-ACK","triggered_by":"dest"}\n`,
    );
  });

  test('of a flow that closes, with all that its ends have sent', () => {
    expect(lines(flowEvent({ timestamp, change: 'closing', reason: 'FIN' }))).toBe(
      `{"type":"flow",${START},${FLOW},"flow_event":"closing","reason":"FIN","triggered_by":"dest",${TRAFFIC}}\n`,
    );
  });

  test.each(['ICMP', 'ICMPv6', 'QUIC'] as const)('of %s without losses', (protocol) => {
    const none = { sentLosses: NO_LOSSES, recLosses: NO_LOSSES };
    const line = lines(flowEvent({ timestamp, protocol, change: 'closing', ...none }));
    expect(JSON.parse(line)).toMatchObject({ protocol, sent_bytes: 1201, rec_bytes: 15_001 });
    expect(line).not.toMatch(/retransmitted|reordered|duplicate|zero/);
  });

  test('of one that was not measured, and why', () => {
    const why = { unmeasuredSrc: 'no data', unmeasuredDest: 'unanswered' } as const;
    expect(lines(flowEvent({ timestamp, change: 'unmeasured', ...why }))).toBe(
      `{"type":"flow",${START},${FLOW},"flow_event":"unmeasured","reason":"SYN-ACK","triggered_by":"dest","unmeasured_src":"no data","unmeasured_dest":"unanswered",${TRAFFIC}}\n`,
    );
  });

  test('of an RTT whose flow shows no losses', () => {
    const without = (of: string) =>
      NUMBERS.replace(new RegExp(`,"${of}_(retr|reord|dupl|zero)\\w+":\\d+`, 'g'), '');
    const line = (numbers: string) =>
      `{"type":"rtt",${START},${FLOW},${numbers},"match_on_egress":false,"by":"timestamp","answer":"ack"}\n`;
    expect(lines(rttEvent({ timestamp, sentLosses: NO_LOSSES }))).toBe(line(without('sent')));
    const none = { sentLosses: NO_LOSSES, recLosses: NO_LOSSES };
    expect(lines(rttEvent({ timestamp, ...none }))).toBe(line(without('(sent|rec)')));
  });

  test('of data that nothing has answered', () => {
    expect(lines(overdueEvent({ timestamp }))).toBe(
      `{"type":"overdue",${START},${FLOW},"waited":10000000000,"match_on_egress":false}\n`,
    );
    expect(lines(overdueEvent({ timestamp, matchOnEgress: undefined }))).toBe(
      `{"type":"overdue",${START},${FLOW},"waited":10000000000}\n`,
    );
  });

  test('of a loss, which has no flow', () => {
    expect(lines(lossEvent({ timestamp }))).toBe(
      `{"type":"loss",${START},"lost_rtts":3,"lost_flow_events":1}\n`,
    );
  });

  test('of an IPv6 flow, in the other direction', () => {
    const ends = { srcAddress: DOCUMENTATION_A, destAddress: DOCUMENTATION_B };
    const event = reversed(flowEvent({ timestamp, ipVersion: 6, ...ends }));
    expect(lines(event)).toBe(
      `{"type":"flow",${START},"flow_id":7,"src_ip":"2001:db8::2","src_port":51515,"dest_ip":"2001:db8::1","dest_port":443,"protocol":"TCP","flow_event":"opening","reason":"SYN-ACK","triggered_by":"dest"}\n`,
    );
  });
});

describe('every line', () => {
  const EVENTS = [
    rttEvent({ timestamp }),
    rttEvent({ timestamp, handshake: true, answer: 'handshake', matchOnEgress: true }),
    flowEvent({ timestamp }),
    lossEvent({ timestamp }),
  ];

  test('is one JSON object, and there is one for each event', () => {
    const parsed = lines(...EVENTS)
      .split('\n')
      .map((line) => (line === '' ? undefined : JSON.parse(line).type));
    expect(parsed).toEqual(['rtt', 'rtt', 'flow', 'loss', undefined]);
  });

  test('has the largest numbers to the last digit', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const { rtt, sent_bytes, flow_id } = JSON.parse(
      lines(rttEvent({ rtt: most, sentBytes: most, flowId: most })),
    );
    expect({ rtt, sent_bytes, flow_id }).toEqual({ rtt: most, sent_bytes: most, flow_id: most });
  });

  test('has room beside the names for all numbers at their largest', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const count = 2 ** 32 - 1;
    const losses = {
      retransmittedPackets: count,
      retransmittedBytes: most,
      reorderedPackets: count,
      duplicateAcks: count,
      zeroWindows: count,
    };
    const bytes = { sentPackets: most, sentBytes: most, recPackets: most, recBytes: most };
    const rtts = {
      rtt: most,
      minRtt: most,
      srtt: most,
      rttvar: count,
      intervalMinRtt: most,
      samples: count,
    };
    const event = { ...bytes, ...rtts, sentLosses: losses, recLosses: losses, handshake: true };
    const line = lines(rttEvent({ timestamp, ...event }));
    expect(JSON.parse(line)).toMatchObject({ sent_retransmitted_bytes: most, samples: count });
    // LONGEST_LINE of src/format/chunk.ts.
    expect(line.length - FLOW.length).toBeLessThan(1_024);
  });

  test('has all 19 digits of the timestamp', () => {
    for (const event of EVENTS) {
      expect(lines(event).match(/"timestamp":(\d+),/)?.[1]).toBe('1767225600123456789');
    }
  });
});

const vlan = (outer: number, inner?: number) => ({ outer, inner });
const tunnel = (name: TunnelName, id?: number) => ({ name, id });

test.each<[string, Surroundings]>([
  ['"vlan":10', { vlans: vlan(10), tunnels: [] }],
  ['"vlan":4095,"inner_vlan":7', { vlans: vlan(4_095, 7), tunnels: [] }],
  ['"tunnel":"gtp-u"', { vlans: undefined, tunnels: [tunnel('gtp-u')] }],
  [
    '"vlan":1,"tunnel":"vxlan","tunnel_id":0,"inner_tunnel":"gre","inner_tunnel_id":4294967295',
    { vlans: vlan(1), tunnels: [tunnel('vxlan', 0), tunnel('gre', 0xffff_ffff)] },
  ],
])('what it is in is named: %s', (fields, surroundings) => {
  const formatter = () =>
    new NdjsonFormatter(new Clock(OFFSET), 'eth0', {
      surroundingsOf: (place) => (place === 1 ? surroundings : undefined),
    });
  for (const event of [rttEvent(), flowEvent()]) {
    const [plain, within] = [0, 1].map((place) => textOf(formatter(), { ...event, place }));
    expect(within).toBe(plain?.replace('"TCP"', `"TCP",${fields}`));
  }
});

test.each(['wg-"quoted"', 'back\\slash', 'büro0', '網路0', 'bell\u0007'])(
  'the interface name %j comes back out of the JSON',
  (name) => {
    const formatter = new NdjsonFormatter(new Clock(OFFSET), name);
    expect(JSON.parse(textOf(formatter, lossEvent())).interface).toBe(name);
  },
);

test('labels are in every line, behind the time, and may have anything in them', () => {
  const labels = [
    { name: 'host', value: 'web1' },
    { name: 'site', value: 'a "b"\n\u00fc' },
  ];
  const formatter = new NdjsonFormatter(new Clock(OFFSET), 'eth0', { netns: 'blue', labels });
  const text = textOf(formatter, rttEvent({ timestamp }), lossEvent(), flowEvent());
  const told = text.trim().split('\n');
  expect(told[0]).toContain(
    String.raw`"timestamp":1767225600123456789,"host":"web1","site":"a \"b\"\n\u00fc","netns":"blue","interface":"eth0",`,
  );
  for (const line of told) {
    expect(JSON.parse(line)).toMatchObject({ host: 'web1', site: 'a "b"\n\u00fc' });
  }
});

test('lines of RTTs, too, have the other name that an interface goes by', () => {
  let name = 'eth0';
  const seenAtOf = () => ({ capture: undefined, interface: name });
  const formatter = new NdjsonFormatter(new Clock(OFFSET), undefined, { seenAtOf });
  const told = () => textOf(formatter, rttEvent({ timestamp }));
  expect(told()).toContain('"interface":"eth0","flow_id"');
  name = 'wan0';
  formatter.refreshAll();
  expect(told()).toContain('"interface":"wan0","flow_id"');
});

test('lines of RTTs say of each place what it is', () => {
  const formatter = new NdjsonFormatter(new Clock(OFFSET), undefined, {
    seenAtOf: (place) => ({ capture: 'x.pcap', interface: `eth${place}` }),
    surroundingsOf: (place) => ({ vlans: { outer: place, inner: undefined }, tunnels: [] }),
  });
  const places = [7, 8, 7];
  const text = textOf(formatter, ...places.map((place) => rttEvent({ place })));
  const told = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.map(({ interface: name, vlan }) => ({ name, vlan }))).toEqual(
    places.map((place) => ({ name: `eth${place}`, vlan: place })),
  );
});

test('a line of an event read in place is that of its copy', () => {
  const { view, size } = rttRecord();
  const event = new RecordView().at(view, 0, size);
  expect(lines(event)).toBe(lines(copyOf(event)));
});
