import { describe, expect, test } from '@jest/globals';
import { Collector } from '../../src/report/collector.js';
import { sideOf } from '../../src/report/run-facts.js';
import {
  dnsLine,
  governorLine,
  lossLine,
  openingLine,
  type RttFields,
  RUN_START_S,
  routeLine,
  rttLine,
  summaryLine,
  visibilityLine,
} from '../helpers/events/runs.js';

test('samples come in the order of time, whatever order they had', () => {
  const times = [30, 10, 20, 10.5];
  const { samples, facts } = collected(
    ...times.map((atMs) => rttLine({ atMs, rtt: atMs * 1e6, peer: `10.0.0.${atMs}` })),
  );
  expect([...samples.rtts]).toEqual([10e6, 10.5e6, 20e6, 30e6]);
  expect(Array.from(samples.peers, (peer) => facts.peers[peer]?.address)).toEqual([
    ...['10.0.0.10', '10.0.0.10.5', '10.0.0.20', '10.0.0.30'],
  ]);
  expect(facts.from).toBeCloseTo(RUN_START_S * 1000 + 10, 2);
  expect(facts.to).toBeCloseTo(RUN_START_S * 1000 + 30, 2);
});

test('more samples than there was room for at first', () => {
  const lines = Array.from({ length: 40_000 }, (_, index) => rttLine({ atMs: index, rtt: index }));
  const { samples } = collected(...lines);
  expect(samples.rtts.every((rtt, index) => rtt === index)).toBe(true);
  expect(samples.times).toHaveLength(40_000);
});

test('sides, handshakes and held-back samples are told apart', () => {
  const { samples, facts } = collected(
    rttLine({ atMs: 1, rtt: 1, onEgress: false, handshake: true }),
    rttLine({ atMs: 2, rtt: 2, onEgress: true, samples: 7 }),
    rttLine({ atMs: 3, rtt: 3, peer: '10.0.0.2', flow: 2 }),
  );
  expect([...samples.flags]).toEqual([4, 1, 2]);
  expect(facts.samples).toEqual([1, 7, 1]);
  expect(facts.rtts).toBe(3);
  expect(facts.peers).toEqual([
    { address: '10.0.0.1', place: 0, samples: [1, 7, 0], flows: [1, 1, 0] },
    { address: '10.0.0.2', place: 0, samples: [0, 0, 1], flows: [0, 0, 1] },
  ]);
});

test('protocols are told apart, each with sides of its own', () => {
  const icmp = { protocol: 'ICMP', flow: 2, answer: 'reply' };
  const { samples, facts } = collected(
    rttLine({ atMs: 1, rtt: 1, onEgress: true }),
    rttLine({ atMs: 2, rtt: 2, onEgress: false, ...icmp, samples: 3 }),
    rttLine({ atMs: 3, rtt: 3, onEgress: true, ...icmp, flow: 3, peer: '10.0.0.2' }),
  );
  expect(facts.protocols).toEqual(['TCP', 'ICMP']);
  expect(Array.from(samples.flags, sideOf)).toEqual([1, 3, 4]);
  expect(facts.samples).toEqual([0, 1, 0, 3, 1]);
  expect(facts.peers).toEqual([
    { address: '10.0.0.1', place: 0, samples: [0, 1, 0, 3], flows: [0, 1, 0, 1] },
    { address: '10.0.0.2', place: 0, samples: [0, 0, 0, 0, 1], flows: [0, 0, 0, 0, 1] },
  ]);
});

test('of very many protocols those beyond the most are together', () => {
  const lines = Array.from({ length: 40 }, (_, at) =>
    rttLine({ atMs: at, rtt: 1, onEgress: false, protocol: `P${at}`, flow: at }),
  );
  const { samples, facts } = collected(...lines);
  expect(facts.protocols).toHaveLength(16);
  expect(facts.protocols.slice(-2)).toEqual(['P14', 'others']);
  expect(Array.from(samples.flags.slice(-2), sideOf)).toEqual([45, 45]);
  expect(facts.samples[45]).toBe(25);
});

test('what has answered is told apart', () => {
  const answer = (answer: string, handshake = false) =>
    rttLine({ atMs: 1, rtt: 1, onEgress: true, answer, handshake });
  const { samples } = collected(
    ...[answer('ack'), answer('data'), answer('handshake', true), answer('data', true)],
  );
  expect([...samples.flags]).toEqual([1, 9, 5, 13]);
});

test('an RTT of more than 32 bits of nanoseconds is exact', () => {
  expect([...collected(rttLine({ atMs: 1, rtt: 4_294_967_297 })).samples.rtts]).toEqual([
    4_294_967_297,
  ]);
});

test('marks have a time, a kind and words', () => {
  const { facts } = collected(
    ...[governorLine(20), lossLine(10, 12, 1), lossLine(30, 1)],
    visibilityLine(40, 'moved', [{ id: 12, name: 'cil_from_netdev' }, { id: 13 }]),
    visibilityLine(50, 'hidden', []),
    routeLine(300, 60),
  );
  const start = RUN_START_S * 1000;
  const seenAt = { interface: 'eth0' };
  expect(facts.marks.map(({ time, ...rest }) => [Math.round(time - start), rest])).toEqual([
    [10, { kind: 'loss', text: 'lost: 12 RTTs, 1 flow event', seenAt }],
    [20, { kind: 'governor', text: 'governor up: --rate 200ms, timestamp map 98 % full', seenAt }],
    [30, { kind: 'loss', text: 'lost: 1 RTT, 0 flow events', seenAt }],
    [
      40,
      {
        kind: 'visibility',
        text: 'pping moved to run first on ingress: cil_from_netdev, 13',
        seenAt,
      },
    ],
    [50, { kind: 'visibility', text: 'packets hidden from pping on ingress', seenAt }],
    [60, { kind: 'route', text: 'route to 10.0.0.1 changed: min RTT 10.0 -> 60.0 ms', seenAt }],
  ]);
  expect(facts.lost).toEqual({ rtts: 13, flowEvents: 1, lines: 0 });
});

describe('a place', () => {
  const seenAt = (at: NonNullable<RttFields['at']>, rest: Partial<RttFields> = {}) =>
    rttLine({ atMs: 1, rtt: 1, ...rest, at });

  test('is an interface, of a capture where there are several: in the order in which they came', () => {
    const { facts } = collected(
      ...[seenAt({ interface: 'wan' }), seenAt({ interface: 'eth0' }), seenAt({})],
      ...[seenAt({ interface: 'wan', capture: 'b' }), seenAt({ capture: 'b' })],
      ...[seenAt({ interface: 'wan' }), seenAt({})],
    );
    const names = facts.places.map(({ interface: name, capture }) => [name, capture]);
    expect(names).toEqual([
      ...[['wan'], ['eth0'], []].map(([name]) => [name, undefined]),
      ...[
        ['wan', 'b'],
        [undefined, 'b'],
      ],
    ]);
    expect(facts.places.map(({ samples: [, , count] }) => count)).toEqual([2, 1, 2, 1, 1]);
  });

  test('without an RTT is none', () => {
    expect(collected(visibilityLine(1, 'hidden', []), seenAt({})).facts.places).toHaveLength(1);
  });

  test('has peers and flows of its own: another path, and another flow', () => {
    const { facts, flows, peers, samples } = collected(
      ...[seenAt({ interface: 'a' }), seenAt({ interface: 'b' }, { flow: 2, samples: 3 })],
    );
    expect(facts.peers).toEqual([
      { address: '10.0.0.1', place: 0, samples: [0, 0, 1], flows: [0, 0, 1] },
      { address: '10.0.0.1', place: 1, samples: [0, 0, 3], flows: [0, 0, 1] },
    ]);
    expect([...samples.peers]).toEqual([0, 1]);
    expect(facts.places).toMatchObject([
      { samples: [0, 0, 1], flows: [0, 0, 1] },
      { samples: [0, 0, 3], flows: [0, 0, 1] },
    ]);
    expect({ flows, peers }).toEqual({ flows: 2, peers: 1 });
  });

  test('is one of a thousand at most: those beyond are together, as those without a name', () => {
    const lines = Array.from({ length: 1003 }, (_, index) => seenAt({ interface: `veth${index}` }));
    const { facts } = collected(...lines, seenAt({ interface: 'veth1' }), seenAt({}));
    expect(facts.places).toHaveLength(1001);
    expect(facts.places.at(-1)).toMatchObject({ samples: [0, 0, 4] });
    expect(facts.places.at(-1)?.interface).toBeUndefined();
    expect(facts.places[1]).toMatchObject({ interface: 'veth1', samples: [0, 0, 2] });
  });

  test('has lost what is not known to be of another interface', () => {
    const of = (name: string, line: string) => line.replace('"eth0"', `"${name}"`);
    const ofNone = (line: string) => line.replace('"interface":"eth0",', '');
    const { facts } = collected(
      ...[seenAt({ interface: 'eth0' }), seenAt({ interface: 'wan' })],
      ...[lossLine(1, 1, 10), of('wan', lossLine(1, 2, 20)), ofNone(lossLine(1, 4, 40))],
      ...[summaryLine(1, true, 100), of('wan', summaryLine(1, true, 200))],
    );
    expect(facts.lost).toEqual({ rtts: 7, flowEvents: 70, lines: 300 });
    expect(facts.places.map(({ lost }) => lost)).toEqual([
      { rtts: 5, flowEvents: 50, lines: 100 },
      { rtts: 6, flowEvents: 60, lines: 200 },
    ]);
  });
});

test('lines that the output did not take are those of each run at its last summary', () => {
  const { facts } = collected(
    ...[summaryLine(1, false, 3), summaryLine(2, true, 5), summaryLine(3, false, 2)],
  );
  expect(facts.lost.lines).toBe(7);
});

describe('a run that was killed has no summary at its end', () => {
  const summary = (samples: number, lines: number, counters: object, final = false) =>
    `${JSON.stringify({
      ...{ type: 'summary', timestamp: RUN_START_S * 1e9, interface: 'eth0', final },
      ...{ samples, dropped_lines: lines, counters },
    })}\n`;

  test('its last one counts, also when another run is in the same file', () => {
    const killed = [summary(10, 3, { egress: 100 }), summary(20, 50, { egress: 200 })];
    expect(collected(...killed).facts.lost.lines).toBe(50);
    expect(collected(...killed, summary(7, 4, { egress: 90 })).facts.lost.lines).toBe(54);
    const next = summary(30, 60, { egress: 90 }, true);
    expect(collected(...killed, next, ...killed).facts.lost.lines).toBe(160);
  });

  test('RTTs and events lost are told once, though lines that tell them were dropped', () => {
    const lost = { rtt_events_lost: 9, flow_events_lost: 2 };
    const killed = [lossLine(1, 4, 1), summary(10, 3, lost), lossLine(2, 3)];
    expect(collected(...killed).facts.lost).toEqual({ rtts: 9, flowEvents: 2, lines: 3 });
    expect(collected(...killed, lossLine(3, 5)).facts.lost.rtts).toBe(12);
    const next = [lossLine(4, 1), summary(4, 0, { rtt_events_lost: 7 }), summary(8, 1, lost, true)];
    const { facts } = collected(...killed, lossLine(3, 5), ...next);
    // Of what was told after the last summary of the first run it is not known whose it is.
    expect(facts.lost).toEqual({ rtts: 13, flowEvents: 2 + 2, lines: 4 });
  });
});

describe('a flow', () => {
  const ofFlow = (flow: number, onEgress = false) => rttLine({ atMs: 1, rtt: 1, flow, onEgress });

  test('counts once, and once in each side', () => {
    const { facts, flows } = collected(ofFlow(1), ofFlow(1), ofFlow(1, true), ofFlow(2, true));
    expect(flows).toBe(2);
    expect(facts.flows).toEqual([1, 2, 0]);
  });

  test('is another one after the end of a run', () => {
    expect(collected(ofFlow(1), summaryLine(2, false), ofFlow(1)).flows).toBe(1);
    expect(collected(ofFlow(1), summaryLine(2), ofFlow(1)).flows).toBe(2);
  });

  test('is another one after the end of a run of several interfaces, whose summary names none', () => {
    const end = summaryLine(2).replace('"interface":"eth0",', '');
    expect(collected(ofFlow(1), end, ofFlow(1)).flows).toBe(2);
  });

  test('is another one when it is opened again: the run before has crashed', () => {
    const lines = [openingLine(1, 1), ofFlow(1), ofFlow(2)];
    expect(collected(...lines, ...lines).flows).toBe(4);
  });
});

test.each([
  ['no JSON', '{"type":"rtt","timest'],
  ['no object', '17'],
  ['null', 'null'],
  ['another type', '{"type":"ping","timestamp":1}'],
  ['a type that every object has', '{"type":"constructor","timestamp":1}'],
  ['no type', '{"timestamp":1}'],
  ['no time', rttLine({ atMs: 1, rtt: 1 }).replace('timestamp', 'time')],
  ['a time that no calendar has', '{"type":"summary","timestamp":1e30}'],
  ['a negative time', '{"type":"summary","timestamp":-1}'],
  ['no RTT', rttLine({ atMs: 1, rtt: 1 }).replace('"rtt":1', '"rtt":"1"')],
  ['a negative RTT', rttLine({ atMs: 1, rtt: -1 })],
  ['an RTT with a fraction', rttLine({ atMs: 1, rtt: 1.5 })],
  ['no responder', rttLine({ atMs: 1, rtt: 1 }).replace('src_ip', 'src')],
  ['an incomplete loss', '{"type":"loss","timestamp":1,"lost_rtts":1}'],
  ['an unknown visibility', visibilityLine(1, 'gone', [])],
  ['a visibility of nobody', visibilityLine(1, 'moved', []).replace('programs', 'others')],
  ['a governor of more than a kernel can hold', governorLine(1).replace('200000000', '1e300')],
  ['a route to nobody', routeLine(2, 1).replace('src_ip', 'src')],
  ['a route of the future', routeLine(1, 2)],
  ['a governor of nothing', governorLine(1).replace('timestamps', 'others')],
])('%s: the line is counted, not taken', (_, line) => {
  const { facts } = collected(line);
  expect(facts).toMatchObject({ skippedLines: 1, rtts: 0, marks: [] });
});

describe('DNS', () => {
  test('response times are no RTTs, and no mark', () => {
    const { facts } = collected(dnsLine({ atMs: 1 }), dnsLine({ atMs: 2, time: undefined }));
    expect(facts).toMatchObject({ skippedLines: 0, rtts: 0, marks: [] });
  });

  test('each resolver has what it has answered, exact, and what not', () => {
    const times = Array.from({ length: 100 }, (_, at) => dnsLine({ atMs: at, time: at + 1 }));
    const others = [
      dnsLine({ atMs: 1, time: undefined }),
      dnsLine({ atMs: 1, time: 7, rcode: 'SERVFAIL', onEgress: true }),
      dnsLine({ atMs: 1, time: 7, rcode: 'NXDOMAIN', port: 5_353 }),
      dnsLine({ atMs: 1, time: undefined, peer: 'fd77::2' }),
    ];
    const { facts } = collected(...times, ...others);
    const one = { least: 7, median: 7, p99: 7, most: 7 };
    expect(facts.resolvers).toEqual([
      {
        ...{ address: '10.0.0.53', port: 53, side: 0, queries: 101, unanswered: 1, failed: 0 },
        times: { least: 1, median: 50, p99: 99, most: 100 },
      },
      {
        ...{ address: '10.0.0.53', port: 53, side: 1, queries: 1, unanswered: 0, failed: 1 },
        times: one,
      },
      {
        ...{ address: '10.0.0.53', port: 5_353, side: 0, queries: 1, unanswered: 0, failed: 0 },
        times: one,
      },
      {
        ...{ address: 'fd77::2', port: 53, side: 0, queries: 1, unanswered: 1, failed: 0 },
        times: undefined,
      },
    ]);
  });

  test.each([
    ['without a resolver', dnsLine({ atMs: 1 }).replace('src_ip', 'src')],
    ['without a port', dnsLine({ atMs: 1 }).replace('"src_port":53', '"src_port":"dns"')],
    ['neither answered nor given up', dnsLine({ atMs: 1 }).replace('response_time', 'time')],
  ])('a line %s is counted, not taken', (_, line) => {
    expect(collected(line).facts).toMatchObject({ skippedLines: 1, resolvers: [] });
  });

  test('figures of intervals are known, and not taken', () => {
    const line = dnsLine({ atMs: 1 }).replace('"dns"', '"dns_interval"');
    expect(collected(line).facts).toMatchObject({ skippedLines: 0, resolvers: [] });
  });
});

test('a setting beyond what JSON.parse holds exactly is told as well as it can be', () => {
  const line = governorLine(1).replace('"rate":200000000', '"rate":3153600000000000001');
  const { facts } = collected(line);
  const text = 'governor up: --rate 52560000m, timestamp map 98 % full';
  expect(facts).toMatchObject({ skippedLines: 0, marks: [{ text }] });
});

function collected(...lines: string[]) {
  const collector = new Collector();
  for (const line of lines) collector.take(line);
  return collector.finish();
}
