import { describe, expect, test } from '@jest/globals';
import {
  checksOf,
  type Evidence,
  FLAT_KIB,
  MOST_FOR_OWNERS_KIB,
  MOST_RESIDENT_KIB,
} from '../../soak/checks.js';
import { newAftermath } from '../../soak/faults/fault.js';
import { Ledger, type Summary } from '../../soak/ledger.js';
import { BRIEF_ADDRESS, OwnerLedger } from '../../soak/owner-ledger.js';

const RTT = '{"type":"rtt","rtt":9,"min_rtt":9,"srtt":9}';
const flowLine = (event: string, flow: number) =>
  `{"type":"flow","flow_event":"${event}","flow_id":${flow}}`;

/** 30 RTTs, 20 flows of which 4 are still open. */
function ledger(...more: string[]): Ledger {
  const lines = new Ledger(1_000);
  for (let rtt = 0; rtt < 30; rtt++) lines.take(RTT);
  for (let flow = 0; flow < 20; flow++) lines.take(flowLine('opening', flow));
  for (let flow = 4; flow < 20; flow++) lines.take(flowLine('closing', flow));
  for (const line of more) lines.take(line);
  return lines;
}

const counters = {
  egress: 60,
  ingress: 40,
  pure_ack: 40,
  remembered: 35,
  handshake: 25,
  identifier_not_new: 0,
  rate_limited: 0,
  local: 0,
  timestamp_map_full: 0,
  not_ip: 0,
  not_tcp: 0,
  fragment: 0,
  malformed: 0,
  truncated: 0,
  filtered: 0,
  no_timestamp: 0,
  reset: 0,
  lingering: 0,
  flow_map_full: 0,
  matched: 28,
  handshake_matched: 2,
  spin_matched: 0,
  ...{
    already_acknowledged: 0,
    answer_pending: 0,
    retransmitted: 0,
    implausible_tsval: 0,
    out_of_window: 0,
    echo_reply: 0,
    spin_bit: 0,
    no_spin: 0,
    dns_query: 0,
    dns_repeated: 0,
    dns_response: 0,
    ambiguous: 0,
    superseded: 0,
  },
  below_resolution: 0,
  rtt_events_lost: 0,
  flow_events_lost: 0,
};

function summary(changes: Partial<Summary> = {}, counted: Record<string, number> = {}): Summary {
  return {
    timestamp: 1,
    final: true,
    samples: 30,
    reported: 30,
    flows: 20,
    rtt_p50: 9,
    rtt_p99: 9,
    unanswered: 5,
    waiting: 2,
    flow_entries: 4,
    timestamp_entries: 0,
    dropped_lines: 0,
    undecodable: 0,
    ...changes,
    counters: { ...counters, ...counted },
  };
}

const PID = 4_242;
const LINE = {
  ...{ src_ip: '10.77.0.1', src_port: 5, dest_ip: '10.77.0.2', dest_port: 5_000 },
  ...{ pid: PID, comm: 'churn', cgroup: '/' },
};
/** Of a process that is known by its port, and called as its cgroup is. */
const BRIEF = {
  ...{ src_ip: BRIEF_ADDRESS, src_port: 1_024 + PID, comm: 'brief-1' },
  cgroup: '/pping-soak-7/brief-1',
};

/** Enough lines that are right, and one with these changes. */
function ownerLedger(changes: object = {}): OwnerLedger {
  const owners = new OwnerLedger();
  owners.expect(PID);
  for (let line = 0; line < 1_000; line++) owners.take(LINE, 'line');
  for (let line = 0; line < 20; line++) owners.take({ ...LINE, ...BRIEF }, 'line');
  owners.take({ ...LINE, ...changes }, 'line');
  return owners;
}

const open = (counts: object) => new Map<string, number>(Object.entries(counts));

const well: Evidence = {
  seconds: 60,
  ledger: ledger(),
  summary: summary(),
  exitCode: 0,
  stackLines: 0,
  crossed: { sent: 60, received: 40 },
  unsure: 0,
  longLived: 4,
  aftermath: newAftermath(),
  churn: {
    opened: 204,
    skipped: 0,
    failed: 0,
    answers: 600,
    alive: 4,
    long_lived: 4,
    long_lost: 0,
    ended: { client_fin: 100, server_fin: 100 },
  },
  atRest: [
    { flows: 4, timestamps: 0 },
    { flows: 4, timestamps: 0 },
  ],
  memory: { value: 20, low: -10, high: 50 },
  memoryMinutes: 5,
  residentKib: { first: 90_000, last: 90_020, most: 120_000 },
  descriptors: { first: open({ socket: 38 }), last: open({ socket: 38 }) },
  complaints: [],
  leftovers: [],
};

const failing = (changes: Partial<Evidence>) =>
  checksOf({ ...well, ...changes })
    .filter(({ isOk }) => isOk === false)
    .map(({ name }) => name);

test('where all is well, all checks hold', () => {
  expect(failing({})).toEqual([]);
  expect(failing({ owners: ownerLedger() })).toEqual([]);
});

describe('what is wrong fails the check that is about it', () => {
  const churn = well.churn;
  const wrong: [Partial<Evidence>, string][] = [
    [{ exitCode: 1 }, 'it survived'],
    [{ exitCode: null }, 'it survived'],
    [{ stackLines: 1 }, 'it survived'],
    [{ crossed: { sent: 61, received: 40 } }, 'every packet sent was seen'],
    [{ crossed: { sent: 60, received: 39 } }, 'every packet received was seen'],
    [{ summary: summary({}, { pure_ack: 41 }) }, 'every packet seen has one fate'],
    [
      { summary: summary({ waiting: 3 }) },
      'identifiers remembered = matched + unanswered + waiting + acknowledged without an RTT',
    ],
    [{ summary: summary({}, { handshake_matched: 3 }) }, 'matches = samples + lost'],
    [{ ledger: ledger('{"type":"rt') }, 'every line is whole'],
    [{ summary: summary({ undecodable: 1 }) }, 'every line is whole'],
    [
      { summary: summary({ reported: 31 }) },
      'every RTT and opening is a line, or counted as dropped',
    ],
    [
      { summary: summary({ reported: 29 }) },
      'every RTT and opening is a line, or counted as dropped',
    ],
    [{ summary: summary({ flows: 21 }) }, 'every RTT and opening is a line, or counted as dropped'],
    [{ atRest: [{ flows: 3, timestamps: 0 }] }, 'what is opened is closed, once'],
    [{ summary: summary({}, { flow_events_lost: 1 }) }, 'losses are told as they are counted'],
    [
      { ledger: ledger('{"type":"loss","lost_rtts":1,"lost_flow_events":0}') },
      'losses are told as they are counted',
    ],
    [{ summary: summary({ rtt_p50: 60e6 }) }, 'the median is that of a short path'],
    [
      { churn: { ...churn, ended: { client_fin: 100, server_fin: 0 } } },
      'connections ended in every way',
    ],
    [{ churn: { ...churn, failed: 1 } }, 'traffic was not hurt'],
    [{ churn: { ...churn, long_lived: 3 } }, 'traffic was not hurt'],
    [{ memory: { value: 400, low: FLAT_KIB / 5 + 1, high: 600 } }, 'resident memory is flat'],
    [{ memory: { value: 0, low: Number.NEGATIVE_INFINITY, high: 9 } }, 'resident memory is flat'],

    [{ atRest: [{ flows: 4, timestamps: 1 }] }, 'flows in the map = flows alive'],
    [{ atRest: [] }, 'flows in the map = flows alive'],
    [
      { aftermath: { ...newAftermath(), wrongEnds: ['exit code 0'] } },
      'instances beside it ended as they should',
    ],
    [{ aftermath: { ...newAftermath(), longestNotice: 30_001 } }, 'a removed filter is noticed'],
    [{ leftovers: ['program 7'] }, 'nothing stays attached'],
    [{ complaints: ['BUG: x'] }, 'the kernel does not complain'],
  ];
  test.each(wrong)('%j', (changes, name) => {
    expect(failing(changes)).toContain(name);
  });

  test('a log of the kernel that cannot be read is no failure, and no success', () => {
    const unknown = checksOf({ ...well, complaints: undefined }).filter(({ isOk }) => !isOk);
    expect(unknown).toMatchObject([{ name: 'the kernel does not complain', isOk: undefined }]);
  });

  test('memory beyond what can be explained', () => {
    const residentKib = { first: 90_000, last: 90_020, most: MOST_RESIDENT_KIB + 1 };
    expect(failing({ residentKib })).toEqual(['resident memory is bounded']);
  });

  test('more of it is allowed where owners are told, and not without end', () => {
    const owners = ownerLedger();
    const of = (most: number) => ({ residentKib: { first: 90_000, last: 90_020, most } });
    expect(failing({ owners, ...of(MOST_RESIDENT_KIB + 1) })).toEqual([]);
    const most = MOST_RESIDENT_KIB + MOST_FOR_OWNERS_KIB + 1;
    expect(failing({ owners, ...of(most) })).toEqual(['resident memory is bounded']);
  });

  test.each([
    ['wrong', { pid: 9 }],
    ['another name', { comm: 'curl' }],
    ["another process's port", { src_ip: BRIEF_ADDRESS, src_port: 1_025 }],
    ['another cgroup', { ...BRIEF, cgroup: '/brief-2' }],
  ])('an owner that is told and is not the one: %s', (_, changes) => {
    expect(failing({ owners: ownerLedger(changes) })).toEqual([
      'every owner that is told is right',
    ]);
  });

  test('owners of too few connections to say anything', () => {
    expect(failing({ owners: new OwnerLedger() })).toEqual(['every owner that is told is right']);
  });

  test('a closing without a process, and no gap counted', () => {
    const owners = ownerLedger({ pid: undefined, flow_event: 'closing' });
    expect(failing({ owners })).toEqual(['every owner that is not told is counted']);
    const gaps = { processless: 1 };
    expect(failing({ owners, summary: summary({ attribution_gaps: gaps }) })).toEqual([]);
  });

  test('of several protocols the median is that of TCP, of the worse side', () => {
    const of = (rtt_p50: number) => ({ rtt_p50, rtt_p99: rtt_p50 });
    const tcp = (beyond: number, behind: number): Partial<Evidence> => {
      const protocols = [
        { protocol: 'QUIC', beyond: of(90e6) },
        { protocol: 'TCP', beyond: of(beyond), behind: of(behind) },
      ];
      return { summary: { ...summary({ protocols }), rtt_p50: Number.NaN } };
    };
    expect(failing(tcp(9, 9))).toEqual([]);
    expect(failing(tcp(9, 60e6))).toEqual(['the median is that of a short path']);
    expect(failing(tcp(60e6, 9))).toEqual(['the median is that of a short path']);
  });

  test('maps that were to be full, and were not', () => {
    const aftermath = { ...newAftermath(), presses: 1 };
    expect(failing({ aftermath })).toEqual(['maps were too small where they had to be']);
    const full = { flow_map_full: 3, pure_ack: 37 };
    expect(failing({ aftermath, summary: summary({}, full) })).toEqual([]);
  });

  test('a line that is cut off, and not counted as dropped', () => {
    const cut = ledger();
    cut.cutOff = 2;
    expect(failing({ ledger: cut, summary: summary({ dropped_lines: 1 }) })).toEqual([
      'every line is whole',
    ]);
    expect(failing({ ledger: cut, summary: summary({ dropped_lines: 2 }) })).toEqual([]);
  });

  test('one descriptor more, and it says of what', () => {
    const [first, last] = [open({ socket: 38, pipe: 1 }), open({ socket: 39 })];
    const checks = checksOf({ ...well, descriptors: { first, last } });
    expect(checks.filter(({ isOk }) => !isOk)).toEqual([
      {
        name: 'no descriptor leaks',
        isOk: false,
        detail: '39 after the warm-up, 39 at the end (1 of socket)',
      },
    ]);
  });

  test('an implausible RTT', () => {
    const more = ledger('{"type":"rtt","rtt":2000,"min_rtt":9,"srtt":9}');
    const changed = {
      ledger: more,
      summary: summary({ reported: 31, samples: 31 }, { matched: 29 }),
    };
    expect(failing(changed)).toContain('every RTT is plausible');
  });
});

describe('what has an explanation is no failure', () => {
  test('lines that were dropped and counted, and an exit code that says so', () => {
    expect(
      failing({
        summary: summary(
          { reported: 31, samples: 31, dropped_lines: 1 },
          { matched: 29, remembered: 36, pure_ack: 39 },
        ),
        exitCode: 1,
      }),
    ).toEqual([]);
  });

  test('descriptors that are closed', () => {
    const descriptors = { first: open({ socket: 38, pipe: 1 }), last: open({ socket: 38 }) };
    expect(failing({ descriptors })).toEqual([]);
  });

  test('memory that grows while a run is young', () => {
    const memory = { value: 90_000, low: 80_000, high: 100_000 };
    expect(failing({ memory })).toEqual(['resident memory is flat']);
    expect(failing({ memory, memoryMinutes: 1 })).toEqual([]);
  });

  test('packets that were in a backlog when the interface went down', () => {
    const crossed = { sent: 60, received: 1_040 };
    expect(failing({ crossed })).toEqual(['every packet received was seen']);
    expect(failing({ crossed, aftermath: { ...newAftermath(), downs: 1 } })).toEqual([]);
  });

  test('connections opened while the network was broken', () => {
    const failed = { churn: { ...well.churn, failed: 7 } };
    expect(failing(failed)).toEqual(['traffic was not hurt']);
    expect(failing({ ...failed, aftermath: { ...newAftermath(), openedInVain: 7 } })).toEqual([]);
  });
});
