import { describe, expect, test } from '@jest/globals';
import type { Attribution } from '../../src/attribution/owner.js';
import type { Surroundings } from '../../src/events/places.js';
import type { Event } from '../../src/events/types.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { CsvFormatter } from '../../src/format/csv.js';
import { createFormatter, type FormatOptions } from '../../src/format/formats.js';
import { linesOf } from '../helpers/command/cli.js';
import {
  DOCUMENTATION_A,
  DOCUMENTATION_B,
  flowEvent,
  governorNotice,
  ipv4,
  lossEvent,
  NO_LOSSES,
  overdueEvent,
  reversed,
  rttEvent,
} from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';
import { CONTAINER, HOSTILE, NAMED, POD } from '../helpers/events/owners.js';
import { tableOf } from '../helpers/output/csv.js';

const OFFSET = 1_767_225_600_000_000_000n;
const clock = () => new Clock(OFFSET);
const PRIVATE = { address: ipv4('192.168.1.20'), port: 41_822 };
const VIRTUAL = { address: ipv4('10.96.0.1'), port: 80 };

/** Header and rows, as they are. */
function linesFor(options: Partial<FormatOptions>, ...events: readonly Event[]): string[] {
  const all = { clock: clock(), interface: undefined, color: false, ...options };
  const formatter = createFormatter('csv', all);
  return linesOf((formatter.heading ?? '') + textOf(formatter, ...events));
}

/** The only row, by its columns, without those that are empty. */
function rowFor(options: Partial<FormatOptions>, event: Event): Record<string, string> {
  const [row = {}, ...more] = tableOf(linesFor(options, event).join('\n'));
  expect(more).toEqual([]);
  return Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== ''));
}

const rowOf = (event: Event) => rowFor({}, event);

describe('a row', () => {
  test('is below its header, to the byte', () => {
    expect(linesFor({ interface: 'eth0' }, rttEvent())).toEqual([
      'timestamp,interface,flow_id,src_ip,src_port,dest_ip,dest_port,protocol,' +
        'rtt,min_rtt,srtt,rttvar,sent_packets,sent_bytes,rec_packets,rec_bytes,' +
        'sent_retransmitted_packets,sent_retransmitted_bytes,sent_reordered_packets,' +
        'sent_duplicate_acks,sent_zero_windows,' +
        'rec_retransmitted_packets,rec_retransmitted_bytes,rec_reordered_packets,' +
        'rec_duplicate_acks,rec_zero_windows,' +
        'match_on_egress,by,answer,handshake,keep_alive,samples,interval_min_rtt,' +
        'capture,vlan,inner_vlan,tunnel,tunnel_id,inner_tunnel,inner_tunnel_id,' +
        'cgroup,unit,container,container_name,pod,pod_name,namespace,pid,comm,listener_pid,listener_comm,uid,' +
        'orig_src_ip,orig_src_port,orig_dest_ip,orig_dest_port',
      '1767225601234567890,eth0,7,192.0.2.1,443,198.51.100.2,51515,TCP,' +
        '5425000,5100000,5300000,120000,11,1201,13,15001,2,301,3,5,1,4,4507,6,8,9,' +
        'false,timestamp,ack,false,false,1,5425000,,,,,,,,,,,,,,,,,,,,,,,',
    ]);
  });

  test('has its time to the nanosecond, from the epoch on', () => {
    const epoch = { clock: new Clock(0n) };
    for (const timestamp of [0n, 7n, 999_999_999n, 1_000_000_000n, 1_767_225_600_000_000_001n]) {
      expect(rowFor(epoch, rttEvent({ timestamp })).timestamp).toBe(String(timestamp));
    }
  });

  test('says 0 where nothing was lost', () => {
    const row = rowOf(rttEvent({ sentLosses: NO_LOSSES, recLosses: NO_LOSSES }));
    const losses = Object.entries(row).filter(([name]) =>
      /retransmitted|reordered|duplicate|zero_windows/.test(name),
    );
    expect(losses).toHaveLength(10);
    expect(new Set(losses.map(([, cell]) => cell))).toEqual(new Set(['0']));
  });

  test.each(['ICMP', 'ICMPv6', 'QUIC'] as const)('says nothing of losses of %s', (protocol) => {
    const none = { sentLosses: NO_LOSSES, recLosses: NO_LOSSES };
    const row = rowOf(rttEvent({ protocol, ...none }));
    expect(row).toMatchObject({ protocol, rec_bytes: '15001', by: 'timestamp', samples: '1' });
    expect(Object.keys(row).filter((name) => /retrans|reorder|dupl|zero/.test(name))).toEqual([]);
  });

  test('says how the RTT was measured', () => {
    const how = { by: 'sequence', answer: 'handshake', handshake: true, keepAlive: true } as const;
    expect(rowOf(rttEvent({ ...how, matchOnEgress: true }))).toMatchObject({
      match_on_egress: 'true',
      by: 'sequence',
      answer: 'handshake',
      handshake: 'true',
      keep_alive: 'true',
    });
    expect(rowOf(rttEvent({ matchOnEgress: undefined }))).not.toHaveProperty('match_on_egress');
  });

  test('says how many samples it stands for, and the least of them', () => {
    const held = rowOf(rttEvent({ samples: 12, intervalMinRtt: 5_200_000 }));
    expect(held).toMatchObject({ samples: '12', interval_min_rtt: '5200000' });
  });

  test('has IPv6 addresses without brackets', () => {
    const ends = { srcAddress: DOCUMENTATION_A, destAddress: DOCUMENTATION_B };
    expect(rowOf(rttEvent({ ipVersion: 6, ...ends }))).toMatchObject({
      src_ip: '2001:db8::1',
      dest_ip: '2001:db8::2',
    });
  });

  test('has each direction of a flow as it is', () => {
    const [, ...rows] = linesFor({}, rttEvent(), reversed(rttEvent()), rttEvent());
    expect(rows.map((row) => row.split(',')[3])).toEqual([
      '192.0.2.1',
      '198.51.100.2',
      '192.0.2.1',
    ]);
  });

  test('has as many cells as the header whatever is in it', () => {
    const large = Number.MAX_SAFE_INTEGER;
    const most = { rtt: large, minRtt: large, sentBytes: large, recBytes: large };
    const lines = linesFor({}, rttEvent(most), rttEvent({ matchOnEgress: undefined }));
    expect(new Set(lines.map((line) => line.split(',').length))).toEqual(new Set([56]));
    expect(lines[1]).toContain(`,${large},`);
  });
});

describe('what is known of a flow', () => {
  test('is in its columns: VLANs and tunnels', () => {
    const surroundings: Surroundings = {
      vlans: { outer: 100, inner: 7 },
      tunnels: [
        { name: 'vxlan', id: 4711 },
        { name: 'gre', id: undefined },
      ],
    };
    expect(rowFor({ surroundingsOf: () => surroundings }, rttEvent())).toMatchObject({
      vlan: '100',
      inner_vlan: '7',
      tunnel: 'vxlan',
      tunnel_id: '4711',
      inner_tunnel: 'gre',
    });
  });

  test('is in its columns: owner and addresses before NAT', () => {
    const listener = { listenerPid: 80, listenerComm: '=1' };
    const owner = { ...NAMED, ...listener };
    const attribution = { owner, original: { src: VIRTUAL, dest: PRIVATE } };
    expect(rowFor({ attributionOf: () => attribution }, rttEvent())).toMatchObject({
      cgroup: `/kubepods.slice/cri-containerd-${CONTAINER}.scope`,
      unit: `cri-containerd-${CONTAINER}.scope`,
      container: CONTAINER,
      container_name: 'app',
      pod: POD,
      pod_name: 'cart-7d9f',
      namespace: 'shop',
      pid: '4242',
      comm: 'curl',
      listener_pid: '80',
      listener_comm: "'=1",
      uid: '1000',
      orig_src_ip: '10.96.0.1',
      orig_src_port: '80',
      orig_dest_ip: '192.168.1.20',
      orig_dest_port: '41822',
    });
  });

  test('leaves empty what look-ups disagree about', () => {
    const row = rowFor({ attributionOf: () => ({ original: null }) }, rttEvent());
    expect(Object.keys(row).filter((name) => name.startsWith('orig'))).toEqual([]);
  });

  test('is made anew when it has become known', () => {
    let attribution: Attribution | undefined;
    const formatter = new CsvFormatter(clock(), undefined, { attributionOf: () => attribution });
    const before = textOf(formatter, rttEvent());
    attribution = { owner: { comm: 'curl' } };
    expect(textOf(formatter, rttEvent())).toBe(before);
    formatter.refresh(rttEvent().flowId);
    expect(textOf(formatter, rttEvent())).toMatch(/,curl,,,,,,,\n$/);
  });
});

test('rows say of each place what it is, and have the other name that an interface goes by', () => {
  let name = 'eth';
  const formatter = new CsvFormatter(new Clock(0n), undefined, {
    seenAtOf: (place) => ({ capture: `${place}.pcap`, interface: name + place }),
  });
  const told = () => textOf(formatter, rttEvent({ place: 7 }), rttEvent({ place: 8 }));
  expect(told()).toMatch(/^\d+,eth7,7,.*,7\.pcap,.*\n\d+,eth8,7,.*,8\.pcap,.*\n$/);
  name = 'wan';
  formatter.refreshAll();
  expect(told()).toMatch(/^\d+,wan7,7,.*,7\.pcap,.*\n\d+,wan8,7,.*,8\.pcap,.*\n$/);
});

describe('a name', () => {
  const cellOf = (name: string) => {
    const [, row = ''] = linesFor({ interface: name }, rttEvent());
    return row.slice('1767225601234567890,'.length, row.indexOf(',7,192.0.2.1'));
  };

  test.each([
    ['eth0', 'eth0'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines\r', 'two\\u000alines\\u000d'],
    ['grün', 'gr\\u00fcn'],
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-.slice', "'-.slice"],
    ['@SUM(A1,A2)', '"\'@SUM(A1,A2)"'],
    ['a=b', 'a=b'],
    ["'quoted'", "'quoted'"],
    ['\t=1', '\\u0009=1'],
  ])('%j is written as %s', (name, cell) => {
    expect(cellOf(name)).toBe(cell);
  });

  test('that is hostile stays in its cell', () => {
    const options = { attributionOf: () => ({ owner: HOSTILE }) };
    expect(linesFor(options, rttEvent())).toHaveLength(2);
    expect(rowFor(options, rttEvent())).toMatchObject({
      cgroup: '/a"b\\c\\u000ad\\u001b[2J',
      unit: 'b\\u00fcro\\x2d\\u7db2\\u8def.service',
      comm: '\\u0007\\u000d"\\u009b\\u007f',
      pid: '7',
    });
  });

  test('of any length has room', () => {
    const name = 'x'.repeat(200_000);
    expect(
      rowFor({ seenAtOf: () => ({ capture: name, interface: undefined }) }, rttEvent()).capture,
    ).toBe(name);
  });
});

test('there is no row for anything else', () => {
  const others = [flowEvent(), flowEvent({ change: 'closing' }), overdueEvent(), lossEvent()];
  expect(linesFor({}, ...others)).toHaveLength(1);
  const formatter = createFormatter('csv', { clock: clock(), interface: 'eth0', color: false });
  expect(formatter.notice?.(governorNotice(), new Chunk()) ?? false).toBe(false);
});

describe('labels', () => {
  const labels = [
    { name: 'host', value: 'web1' },
    { name: 'site', value: '=a,"b"' },
  ];

  test('are the last columns of each row', () => {
    const [heading, row, ...more] = linesFor({ labels }, rttEvent());
    expect(heading?.endsWith(',orig_dest_port,host,site')).toBe(true);
    expect(row?.endsWith(`,,web1,"'=a,""b"""`)).toBe(true);
    expect(more).toEqual([]);
  });

  test('also of intervals', () => {
    const intervals = { isTerminal: false, by: undefined, isFine: false };
    const { heading } = createFormatter('csv', {
      ...{ clock: clock(), interface: undefined, color: false },
      ...{ intervals, labels },
    });
    expect(heading?.endsWith(',retransmitted_bytes,places,capture,host,site\n')).toBe(true);
  });
});
