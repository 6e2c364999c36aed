import { describe, expect, test } from '@jest/globals';
import type { Counters } from '../../src/core/counters.js';
import { FATES } from '../../src/core/counters.js';
import type { Answer } from '../../src/events/types.js';
import { statsText, summaryText } from '../../src/format/summary.js';
import { Totals } from '../../src/summary/totals.js';
import { countersOf, ipv4, rttEvent, runTotals } from '../helpers/events/events.js';

const linesOf = (...args: Parameters<typeof runTotals>) =>
  summaryText(runTotals(...args), 'eth0', false).split('\n');
const verboseLinesOf = (...args: Parameters<typeof runTotals>) =>
  summaryText(runTotals(...args), 'eth0', true).split('\n');

test('a run in which nothing was seen says so, and names no RTT', () => {
  expect(linesOf()).toEqual([
    '0 samples of 0 flows',
    '0 packets, 0 B (0 egress, 0 ingress)',
    'no events lost',
  ]);
});

describe('a side of the interface', () => {
  const totals = () => {
    const record = new Totals();
    for (let ms = 1; ms <= 100; ms++) record.accept(rttEvent({ rtt: ms * 1e6, flowId: ms }));
    record.accept(rttEvent({ rtt: 50_000, matchOnEgress: true, srcAddress: ipv4('10.0.0.9') }));
    return record.with(runTotals());
  };

  test('has its percentiles, its histogram and its hosts; the other one has its own', () => {
    const lines = summaryText(totals(), 'eth0', false).split('\n');
    const [first = '', second = ''] = lines.filter((line) => /^(beyond|behind) /.test(line));
    expect(first).toBe('beyond eth0: 100 samples');
    expect(second).toBe('behind eth0: 1 sample');
    const beyond = lines.slice(lines.indexOf(first), lines.indexOf(second)).join('\n');
    const behind = lines.slice(lines.indexOf(second)).join('\n');
    const heading =
      '\n  RTT in ms                RTTs      min      p50      p90      p99      max\n';
    expect(beyond).toContain(heading);
    expect(beyond).toMatch(/\n {2}all +100 +1\.00 +50\.0 +90\.0 +(98\.9|99\.\d) +100\n/);
    expect(behind).toContain(heading);
    expect(behind).toMatch(/\n {2}all +1( +0\.050){5}\n/);
    expect(beyond).toMatch(/\n {2}1\.00-3\.00 ms +█*[▏▎▍▌▋▊▉]? 3\n/);
    expect(beyond).toMatch(/\n {2}192\.0\.2\.1 +100 +100 +1\.00 +\d+\.\d +\d+\.\d +\d+\.\d +30%$/);
    expect(behind).toMatch(/\n {2}10\.0\.0\.9 +1 +1 +0\.050 /);
  });

  test('has its owners below its hosts, where they are told', () => {
    const record = new Totals({
      attributionOf: ({ flowId }) => ({ owner: { unit: `${flowId}.service` } }),
    });
    record.accept(rttEvent());
    record.accept(rttEvent({ matchOnEgress: true, flowId: 8 }));
    const text = summaryText(record.with(runTotals()), 'eth0', false);
    expect(text).toMatch(
      /^beyond [\s\S]*\n {2}peer, ms .*\n {2}192.*\n {2}owner, ms .*queueing retrans\n {2}7\.service +1 +1 .*\nbehind /m,
    );
    expect(text).toMatch(/^behind [\s\S]*\n {2}owner, ms .*\n {2}8\.service +1 +1 .*\n0 packets/m);
    expect(statsText(record.with(runTotals()), 'eth0')).not.toContain('owner');
    expect(summaryText(totals(), 'eth0', false)).not.toContain('owner');
  });

  test('is told without pictures at intervals', () => {
    const text = statsText(totals(), 'eth0');
    expect(text).toMatch(/^beyond eth0: 100 samples/m);
    expect(text).not.toMatch(/█|peer/);
  });

  describe('in which kernels have answered, and applications', () => {
    const linesWith = (acks: number, ackMs: number, data: number, dataMs: number) => {
      const record = new Totals();
      const accept = (ms: number, answer: Answer) =>
        record.accept(rttEvent({ rtt: ms * 1e6, answer }));
      for (let n = 0; n < acks || n < data; n++) {
        if (n < acks) accept(ackMs, n < 5 ? 'handshake' : 'ack');
        if (n < data) accept(dataMs, 'data');
      }
      return statsText(record.with(runTotals()), 'eth0').split('\n').slice(3, 6);
    };
    test('of QUIC is told by what it has: handshakes, and the spin bit', () => {
      const record = new Totals({ areProtocolsTold: true });
      for (let n = 0; n < 60; n++) {
        const spun = n >= 10;
        const answer = spun ? 'data' : 'handshake';
        record.accept(rttEvent({ protocol: 'QUIC', rtt: spun ? 60e6 : 10e6, answer }));
      }
      const text = statsText(record.with(runTotals()), 'eth0');
      expect(text).toMatch(/\n {2}all +60 .*\n {2}handshakes +10 .*\n {2}spin bit +50 /);
    });

    const row = (kind: string, rtts: number, ms: string) =>
      `  ${kind.padEnd(20)} ${String(rtts).padStart(8)}${` ${ms.padStart(8)}`.repeat(5)}`;

    test('is told by the kernels, and the others beside', () => {
      expect(linesWith(25, 10, 50, 60)).toEqual([
        row('ACKs and handshakes', 25, '10.0'),
        row('answers with data', 50, '60.0'),
        '  answers with data left out: they waited for an application',
      ]);
    });

    test('is not told by what other hosts answer', () => {
      const record = new Totals();
      for (let n = 0; n < 40; n++) {
        record.accept(rttEvent({ rtt: 10e6 }));
        const other = { srcAddress: ipv4('192.0.2.9'), flowId: 8, answer: 'data' } as const;
        record.accept(rttEvent({ rtt: 60e6, ...other }));
      }
      const [, line, , first] = statsText(record.with(runTotals()), 'eth0').split('\n');
      expect(line).toBe('beyond eth0: 80 samples');
      expect(first).toMatch(/^ {2}all +80 .* 60\.0$/);
    });

    test('is told by the answers with data where acknowledgements were delayed', () => {
      expect(linesWith(25, 50, 50, 10).slice(0, 3)).toEqual([
        row('answers with data', 50, '10.0'),
        row('ACKs and handshakes', 25, '50.0'),
        '  ACKs and handshakes left out: they were delayed',
      ]);
    });

    test('is told by all where there is not enough of one, and both are beside', () => {
      const [all, ...each] = linesWith(10, 10, 90, 60);
      expect(all).toMatch(/^ {2}all +100 +10\.0( +60\.0){4}$/);
      expect(each).toEqual([
        row('ACKs and handshakes', 10, '10.0'),
        row('answers with data', 90, '60.0'),
      ]);
    });

    test('has the histogram of what it is told by', () => {
      const record = new Totals();
      for (let n = 0; n < 20; n++) {
        record.accept(rttEvent({ rtt: 10e6 }));
        record.accept(rttEvent({ rtt: 60e6, answer: 'data' }));
      }
      const text = summaryText(record.with(runTotals()), 'eth0', false);
      expect(text).toMatch(
        /\n {2}answers with data left out: .*\n {2}ACKs and handshakes, ms:\n {2}10\.0-12\.0 ms +█+ 20\n/,
      );
      expect(text).not.toMatch(/█ 40|60\.0-/);
    });
  });

  test('of a capture has no name', () => {
    expect(summaryText(totals(), undefined, false)).toMatch(/^beyond the interface: /m);
  });
});

test('where not all samples were reported, both numbers are told', () => {
  expect(linesOf({ samples: 1_201, reported: 40, flows: 37 })[0]).toBe(
    '1201 samples of 37 flows, 40 reported',
  );
});

test('one is not many', () => {
  expect(linesOf({ samples: 1, reported: 1, flows: 1 })[0]).toBe('1 sample of 1 flow');
});

test('where flow events were lost, the number of flows is a least one', () => {
  const counters = countersOf({ flowEventsLost: 1 });
  expect(linesOf({ samples: 5, reported: 5, flows: 2, counters })[0]).toBe(
    '5 samples of at least 2 flows',
  );
});

test('packets that cannot be measured are told by kind, and if asked for, what became of all', () => {
  const bytes = { bytes: 1_500_000, unmeasurableBytes: 15_000 };
  const counted = {
    ...bytes,
    egress: 900,
    ingress: 100,
    pureAck: 700,
    remembered: 200,
    notTcp: 100,
    ...{ quic: 60, udp: 20, icmp: 10, dns: 6, otherIp: 4 },
  };
  const counters = countersOf({ ...counted, matched: 150, unanswered: 30 });
  const totals = { counters, waiting: 20 };
  const rest = [
    'not measured: 60 QUIC packets, 6 DNS packets',
    'not measurable: 20 UDP packets, 10 ICMP packets, 4 other non-TCP packets',
    'to measure more: --protocol tcp,quic',
  ];
  expect(linesOf(totals).slice(1)).toEqual([
    '1000 packets, 1.5 MB (900 egress, 100 ingress)',
    'measurable: 90 % of packets and 99 % of bytes',
    ...rest,
    'no events lost',
  ]);
  expect(verboseLinesOf(totals).slice(1)).toEqual([
    '1000 packets, 1.5 MB (900 egress, 100 ingress)',
    '  pure ACK             700   70.0 %',
    '  remembered           200   20.0 %',
    '  not TCP              100   10.0 %: 60 QUIC, 20 UDP, 10 ICMP, 10 other',
    'measurable: 90 % of packets and 99 % of bytes',
    ...rest,
    '200 identifiers remembered: 150 answered, 30 unanswered, 20 still waiting',
    'no events lost',
  ]);
});

describe('what --protocol would measure', () => {
  const counted = { egress: 1000, notTcp: 60, quic: 30, icmpEcho: 20, dns: 9, udp: 1 };
  const hintIn = (totals: Parameters<typeof linesOf>[0]) =>
    linesOf(totals).filter((line) => line.startsWith('to measure more'));

  test('is told from one in a hundred packets on', () => {
    expect(hintIn({ counters: countersOf(counted) })).toEqual([
      'to measure more: --protocol tcp,quic,icmp',
    ]);
    expect(hintIn({ counters: countersOf({ ...counted, quic: 9, icmpEcho: 9 }) })).toEqual([]);
  });

  test('beside what was asked for, also where TCP was not', () => {
    const told = { areProtocolsTold: true, asked: ['dns', 'icmp'] } as const;
    const counters = countersOf({ ...counted, dns: 0, icmpEcho: 0, notTcp: 31, filtered: 800 });
    expect(linesOf({ counters, ...told }).slice(2, -1)).toEqual([
      'measurable: 100 % of the packets that passed the filter',
      'not measured: 30 QUIC packets',
      'not matched against the filter: 1 UDP packet',
      'to measure more: --protocol dns,icmp,quic',
    ]);
    const all = ['tcp', 'icmp', 'quic', 'dns'] as const;
    expect(hintIn({ counters: countersOf(counted), asked: all })).toEqual([]);
  });

  test('is not where a filter has chosen hosts or ports', () => {
    expect(hintIn({ counters: countersOf(counted), asked: undefined })).toEqual([]);
  });

  test('what is left of several protocols is of others', () => {
    const told = { areProtocolsTold: true, asked: ['tcp', 'quic'] } as const;
    const counters = countersOf({ egress: 10, pureAck: 7, notTcp: 3, udp: 1, otherIp: 2 });
    expect(verboseLinesOf({ counters, ...told })).toEqual(
      expect.arrayContaining([
        '  other protocols      3   30.0 %: 1 UDP, 2 other',
        'not measurable: 1 UDP packet, 2 packets of other protocols',
      ]),
    );
  });
});

describe('with a filter', () => {
  const others = { notTcp: 600, dns: 590, udp: 10, fragment: 2 };

  test('the measurable are a share of the packets that it let through', () => {
    const tcp = { filtered: 200, pureAck: 196, reset: 3, noTimestamp: 1 };
    const counters = countersOf({ egress: 1002, bytes: 90_000, ...others, ...tcp });
    expect(linesOf({ counters, asked: undefined }).slice(2, -1)).toEqual([
      'measurable: 98 % of the packets that passed the filter',
      'not measurable: 3 RSTs, 1 TCP packet without timestamps',
      'not matched against the filter: 590 DNS packets, 10 UDP packets, 2 fragments',
    ]);
  });

  test('that lets nothing through there is no share', () => {
    const counters = countersOf({ egress: 802, bytes: 90_000, ...others, filtered: 200 });
    expect(linesOf({ counters, asked: undefined }).slice(2, -1)).toEqual([
      'not matched against the filter: 590 DNS packets, 10 UDP packets, 2 fragments',
    ]);
  });
});

describe('what shows that packets were lost', () => {
  const lineOf = (counted: Partial<Counters>) =>
    linesOf({ counters: countersOf({ egress: 900, ...counted }) })
      .slice(3, -1)
      .join('');
  const again = { retransmittedPackets: 34, retransmittedBytes: 12_000 };

  test('is a line, with the share of bytes that could be measured', () => {
    const others = { reorderedPackets: 3, duplicateAcks: 1, zeroWindows: 2 };
    expect(lineOf({ bytes: 1_100_000, unmeasurableBytes: 100_000, ...again, ...others })).toBe(
      '34 packets retransmitted (1.2 % of bytes), 3 packets reordered, 1 duplicate ACK,  2 zero windows',
    );
  });

  test('beside other protocols the share is of what is TCP', () => {
    const beside = { icmpBytes: 1000, icmpv6Bytes: 2000, quicBytes: 7_000_000, dnsBytes: 97_000 };
    const counters = countersOf({ egress: 900, bytes: 8_100_000, ...beside, ...again });
    expect(linesOf({ counters, areProtocolsTold: true, asked: undefined })).toContain(
      "34 packets retransmitted (1.2 % of TCP's bytes)",
    );
  });

  test('has bytes where there are too few for a share', () => {
    expect(lineOf({ bytes: 99_999, ...again })).toBe('34 packets retransmitted (12.0 kB)');
  });

  test('names only what there was', () => {
    expect(lineOf({ bytes: 1_000_000, reorderedPackets: 1 })).toBe('1 packet reordered');
    expect(lineOf({ bytes: 1_000_000 })).toBe('');
  });
});

test('what pping itself cost is told where it was measured', () => {
  const selfCost = {
    egress: { packets: 1_000, ns: 150_400 },
    ingress: { packets: 0, ns: 0 },
    readerNs: 25_000_000,
    elapsedNs: 1_000_000_000,
  };
  expect(linesOf({ selfCost }).slice(-3, -1)).toEqual([
    'cost of pping: 150 ns per packet on egress, - on ingress; 0.02 % of a CPU in the',
    '  kernel, 2.50 % reading events',
  ]);
});

test('everything that can become of a packet has a name of its own', () => {
  const counters = countersOf(Object.fromEntries(FATES.map((name) => [name, 1])));
  const names = verboseLinesOf({ counters: { ...counters, egress: FATES.length } })
    .filter((line) => / {2}1 .* %/.test(line))
    .map((line) => line.slice(2, 20).trimEnd());
  expect(new Set(names).size).toBe(FATES.length);
  for (const name of names) expect(name).not.toMatch(/[a-z][A-Z]/);
});

describe('a loss', () => {
  test.each([
    ['rttEventsLost', '1 RTT lost (ring buffer full)', '5 RTTs lost (ring buffer full)'],
    [
      'flowEventsLost',
      '1 flow event lost (ring buffer full)',
      '5 flow events lost (ring buffer full)',
    ],
    [
      'flowMapFull',
      '1 packet not measured (flow map full)',
      '5 packets not measured (flow map full)',
    ],
    [
      'lossMapFull',
      '1 packet missing from loss counts (loss map full)',
      '5 packets missing from loss counts (loss map full)',
    ],
    [
      'timestampMapFull',
      '1 packet not measured (timestamp map full)',
      '5 packets not measured (timestamp map full)',
    ],
  ])('of the kind %s is told alone', (kind, one, five) => {
    expect(linesOf({ counters: countersOf({ [kind]: 1 }) }).at(-1)).toBe(one);
    expect(linesOf({ counters: countersOf({ [kind]: 5 }) }).at(-1)).toBe(five);
  });

  test('behind the kernel is told, too', () => {
    expect(linesOf({ droppedLines: 1, undecodable: 2 }).at(-1)).toBe(
      '1 line not written, 2 events not decoded',
    );
  });

  test('hides no other', () => {
    const counters = countersOf({ rttEventsLost: 3, flowEventsLost: 5, timestampMapFull: 17 });
    expect(linesOf({ counters, droppedLines: 7 }).slice(-2)).toEqual([
      '3 RTTs lost (ring buffer full), 5 flow events lost (ring buffer full), 7 lines',
      '  not written, 17 packets not measured (timestamp map full)',
    ]);
  });
});

describe('what could not be attributed', () => {
  const none = { unknown: 0, unnamed: 0, processless: 0, forgotten: 0, undecided: 0 };
  const toldOf = (gaps: Partial<typeof none>, originalsDisputed = 0) =>
    linesOf({
      attributionGaps: { ...none, ...gaps },
      counters: countersOf({ originalsDisputed }),
    })
      .slice(2, -1)
      .join('');

  test('is not told where all was, or nothing was asked', () => {
    expect(toldOf({})).toBe('');
    expect(linesOf({}).join()).not.toContain('not attributed');
  });

  test('is told by cause', () => {
    expect(toldOf({ unnamed: 1 })).toBe('not attributed: 1 flow without a cgroup name');
    expect(toldOf({ unknown: 1, unnamed: 2, processless: 3, forgotten: 4, undecided: 5 }, 6)).toBe(
      'not attributed: 1 flow of unknown owner, 3 flows without a process, 2 flows ' +
        ' without a cgroup name, 4 flows forgotten (table full), 6 flows with disputed ' +
        ' addresses before NAT, 5 events left out (unknown process)',
    );
  });
});
