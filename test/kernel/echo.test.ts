/** RTTs of ICMP echo, on both targets. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  type HookName,
  type Kernel,
  MILLISECOND,
  meetInMidStream,
  nanoseconds,
  SECOND,
  SERVER,
  START,
} from '../../lab/kernel/kernel.js';
import { type Echo, type Encapsulation, echoFrame } from '../../lab/kernel/packets.js';
import { vxlan } from '../../lab/kernel/tunnels.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';

const HERE = '10.0.0.1';
const THERE = '10.0.0.2';
const HERE6 = 'fd00::1';
const THERE6 = 'fd00::2';
const ID = 4711;

let kernel: Kernel;
afterEach(() => kernel.close());

function watch(
  settings: Partial<Settings> = {},
  words: readonly ('tcp' | 'icmp')[] = ['icmp'],
): void {
  kernel = new Targets(
    { rate: 0n, ...settings },
    'ethernet',
    {},
    { ...NO_FILTER, protocols: words },
  );
}

function request(
  at: bigint,
  sequence: number,
  how: Partial<Echo> = {},
  from = HERE,
  to = THERE,
): void {
  const echo = { kind: 'request', id: ID, sequence, ...how } as const;
  kernel
    .at(at)
    .show(from === HERE || from === HERE6 ? 'egress' : 'ingress', echoFrame(from, to, echo));
}

function reply(
  at: bigint,
  sequence: number,
  how: Partial<Echo> = {},
  from = THERE,
  to = HERE,
): void {
  const echo = { kind: 'reply', id: ID, sequence, ...how } as const;
  kernel
    .at(at)
    .show(from === HERE || from === HERE6 ? 'egress' : 'ingress', echoFrame(from, to, echo));
}

describe('a reply answers the request with its identifier and sequence number, to the nanosecond', () => {
  test.each([
    [HERE, THERE, 'ICMP'],
    [HERE6, THERE6, 'ICMPv6'],
  ])('%s to %s', (here, there, protocol) => {
    watch();
    request(0n, 1, {}, here, there);
    reply(777n, 1, {}, there, here);
    const [rtt, ...others] = kernel.rtts();
    expect(others).toEqual([]);
    expect(rtt).toMatchObject({
      ...{ rtt: 777, protocol, srcPort: ID, destPort: ID, by: 'identifier', answer: 'reply' },
      ...{ matchOnEgress: false, handshake: false, sentPackets: 1, sentBytes: 56 },
    });
    expect(kernel.counters()).toMatchObject({ remembered: 1, echoReply: 1, matched: 1 });
  });
});

test('only once: further replies, as of a broadcast, match nothing', () => {
  watch();
  request(0n, 1);
  for (const at of [500n, 600n, 700n]) reply(at, 1);
  request(1000n, 2);
  reply(1400n, 1);
  reply(1500n, 2);
  expect(nanoseconds(kernel.rtts())).toEqual([500n, 500n]);
  expect(kernel.counters()).toMatchObject({ matched: 2, noMatch: 1 });
});

test('several on their way at once, answered in any order', () => {
  watch();
  request(0n, 1);
  reply(5n, 1);
  for (const at of [2, 3, 4, 5]) request(BigInt(at * 10), at);
  for (const at of [4, 2, 5, 3]) reply(BigInt(1000 + at * 100), at);
  expect(nanoseconds(kernel.rtts())).toEqual([5n, 1360n, 1180n, 1450n, 1270n]);
});

test('as long as nothing has answered, one waits: others have no room of flows that are answered', () => {
  watch();
  for (let at = 0; at < 100; at++) request(BigInt(at), at);
  expect(kernel.counters()).toMatchObject({ remembered: 1, rateLimited: 99 });
});

test('sent again with the same sequence number: which is answered cannot be told', () => {
  watch();
  request(0n, 1);
  request(100n, 1);
  reply(600n, 1);
  request(1000n, 2);
  request(1010n, 3);
  request(1020n, 3);
  reply(1500n, 2);
  reply(1600n, 3);
  expect(nanoseconds(kernel.rtts())).toEqual([500n]);
  expect(kernel.counters()).toMatchObject({ ambiguous: 2, identifierNotNew: 2 });
});

test('what was lost, and comes round: an answer may be to either', () => {
  watch();
  request(0n, 1);
  reply(5n, 1);
  for (const [at, sequence] of [7, 20_000, 40_000, 60_000, 7].entries()) {
    request(BigInt(at + 1) * MILLISECOND, sequence);
    if (at > 0) reply(BigInt(at + 1) * MILLISECOND + 100n, sequence);
  }
  expect(nanoseconds(kernel.rtts())).toEqual([5n, 100n, 100n, 100n]);
  expect(kernel.counters()).toMatchObject({ ambiguous: 1 });
});

describe('what comes round within the time that requests wait: a reply may be to either', () => {
  /** Each is answered 100 ns later. */
  const show = (numbers: readonly number[], every = MILLISECOND) => {
    for (const [at, sequence] of numbers.entries()) {
      request(BigInt(at) * every, sequence);
      reply(BigInt(at) * every + 100n, sequence);
    }
  };

  test('after less than all numbers, and where the first does not wait', () => {
    watch({ rate: 100n * MILLISECOND });
    request(0n, 1);
    reply(5n, 1);
    request(SECOND, 10);
    const twice = upFrom(20, 10);
    for (const [at, sequence] of twice.entries())
      request(SECOND + BigInt(10 + at) * MILLISECOND, sequence);
    expect(kernel.counters()).toMatchObject({ rateLimited: 10 });
    request(1_200n * MILLISECOND, 30_000);
    request(1_400n * MILLISECOND, 60_000);
    for (const [at, sequence] of twice.entries())
      request(BigInt(1_600 + 200 * at) * MILLISECOND, sequence);
    // To the first of each number.
    for (const sequence of twice) reply(4n * SECOND, sequence);
    expect(nanoseconds(kernel.rtts())).toEqual([5n]);
    expect(kernel.counters()).toMatchObject({ identifierNotNew: 10 });
  });

  test('up to the last number all are measured, and then none', () => {
    watch();
    show([0, 16_000, 32_000, 48_000, 64_000, 65_535, 0, 1, 20_000, 40_000, 60_000]);
    expect(measured(MILLISECOND)).toEqual(upFrom(0, 6));
    expect(kernel.counters()).toMatchObject({ identifierNotNew: 5 });
  });

  test('until two timeouts later', () => {
    watch({ timestampTimeout: SECOND });
    const before = [0, 20_000, 40_000, 60_000];
    show([...before, ...upFrom(5, 40)], SECOND / 10n);
    const [first = 0, ...others] = measured(SECOND / 10n).filter((at) => at >= before.length);
    expect(first).toBeGreaterThan(before.length + 10);
    expect(first).toBeLessThanOrEqual(before.length + 22);
    expect([first, ...others]).toEqual(upFrom(first, 44 - first));
  });
});

test('a copy with an earlier time is none that follows a silence', () => {
  watch();
  request(0n, 1);
  reply(5n, 1);
  request(110n * MILLISECOND, 5);
  request(0n, 5);
  reply(120n * MILLISECOND, 5);
  expect(nanoseconds(kernel.rtts())).toEqual([5n]);
});

test('the least RTT is of a window', () => {
  watch({ minWindow: 10n * SECOND });
  for (let at = 0n; at < 30n; at++) {
    request(at * SECOND, Number(at));
    reply(at * SECOND + (at === 0n ? MILLISECOND : 50n * MILLISECOND), Number(at));
  }
  expect(
    kernel
      .rtts()
      .map(({ minRtt }) => minRtt)
      .at(-1),
  ).toBe(50_000_000);
});

test('flows that anyone can have do not take the place of others for long', async () => {
  const filter = { ...NO_FILTER, protocols: ['all'] as const };
  kernel = new Targets({ rate: 0n }, 'ethernet', { flows: 64 }, filter);
  for (let id = 0; id < 100; id++) {
    request(BigInt(id) * 10n, 1, { id });
    reply(BigInt(id) * 10n + 5n, 1, { id });
  }
  await kernel.at(3n * SECOND).sweep();
  const before = kernel.counters().flowMapFull;
  meetInMidStream(kernel);
  kernel.egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
  expect(before).toBeGreaterThan(0);
  expect(kernel.counters().flowMapFull).toBe(before);
});

test('what is forgotten while it waits, and asked again, has no RTT: the reply may be to the first', async () => {
  watch({ flowTimeout: SECOND });
  request(0n, 1);
  expect(await kernel.at(2n * SECOND).sweep()).toMatchObject({ flowsDeleted: 1 });
  request(2n * SECOND + 1n, 1);
  reply(2n * SECOND + 100n, 1);
  request(3n * SECOND, 2);
  reply(3n * SECOND + 100n, 2);
  expect(nanoseconds(kernel.rtts())).toEqual([]);
  // Once nothing of that is waited for any more.
  request(13n * SECOND, 3);
  reply(13n * SECOND + 100n, 3);
  expect(nanoseconds(kernel.rtts())).toEqual([100n]);
});

describe('what finds no room, and is asked again, has no RTT: the reply may be to the first', () => {
  /** One-way flows of others, as many as there may be, which are forgotten after a second. */
  const crowd = () => {
    const filter = { ...NO_FILTER, protocols: ['icmp'] as const };
    kernel = new Targets({ rate: 0n }, 'ethernet', { flows: 64 }, filter);
    for (let id = 0; id < 64; id++) request(0n, 1, { id });
  };

  test.each(['request', 'reply'] as const)('a %s', async (first) => {
    crowd();
    const { flowMapFull } = kernel.counters();
    if (first === 'request') request(1n, 1);
    else reply(1n, 1);
    expect(kernel.counters().flowMapFull).toBe(flowMapFull + 1);
    await kernel.at(1_100n * MILLISECOND).sweep();
    request(1_200n * MILLISECOND, 1);
    reply(1_300n * MILLISECOND, 1);
    expect(nanoseconds(kernel.rtts())).toEqual([]);
    expect(kernel.counters()).toMatchObject({ flowMapFull: flowMapFull + 1, identifierNotNew: 1 });
    // Once nothing of that is waited for any more.
    request(12n * SECOND, 2);
    reply(12n * SECOND + 100n, 2);
    expect(nanoseconds(kernel.rtts())).toEqual([100n]);
  });
});

test('overtaken: what is older than the newest is not measured', () => {
  watch();
  request(0n, 5);
  request(10n, 4);
  reply(500n, 5);
  reply(600n, 4);
  expect(nanoseconds(kernel.rtts())).toEqual([500n]);
});

test('sequence numbers come round', () => {
  watch();
  for (const [at, sequence] of [0xfffe, 0xffff, 0, 1].entries()) {
    request(BigInt(at * 1000), sequence);
    reply(BigInt(at * 1000 + 100), sequence);
  }
  expect(nanoseconds(kernel.rtts())).toEqual([100n, 100n, 100n, 100n]);
});

test('a program that is started again, and begins at 1, is measured once it was silent for as long as requests wait', () => {
  watch({ timestampTimeout: SECOND });
  request(0n, 9000);
  reply(100n, 9000);
  request(MILLISECOND, 1);
  reply(MILLISECOND + 100n, 1);
  request(3n * SECOND, 2);
  reply(3n * SECOND + 200n, 2);
  expect(nanoseconds(kernel.rtts())).toEqual([100n, 200n]);
});

/** From one number on, answered 100 ns later each. */
function pings(from: bigint, every: bigint, numbers: readonly number[]): void {
  for (const [at, sequence] of numbers.entries()) {
    request(from + BigInt(at) * every, sequence);
    reply(from + BigInt(at) * every + 100n, sequence);
  }
}

const upFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => (first + at) % 0x10000);

/** The numbers of the requests that were measured; the core's own are modulo 2^16. */
function measured(every: bigint): number[] {
  return kernel
    .rtts()
    .map(({ timestamp, rtt }) => Number((timestamp - START - BigInt(rtt)) / every));
}

describe('who begins again lower down without a pause', () => {
  const every = SECOND / 10n;

  test.each([
    ['from 9000 to 1', 9000, 1],
    ['by a few', 9000, 8990],
    ['from what has come round', 5, 0xff00],
  ])('is measured again after two timeouts at most: %s', (_, before, after) => {
    watch({ timestampTimeout: SECOND });
    pings(0n, every, [...upFrom(before, 15), ...upFrom(after, 40)]);
    const all = measured(every);
    expect(all.slice(0, 15)).toEqual(upFrom(0, 15));
    const [first = 0, ...others] = all.slice(15);
    // The last of those before was sent at 14, and 15 - 1 of those after come before it is too long ago.
    expect(first).toBeGreaterThan(24);
    expect(first).toBeLessThanOrEqual(14 + 22);
    expect([first, ...others]).toEqual(upFrom(first, 55 - first));
  });

  test('and the time between two requests counts in full: windows begin with one', () => {
    watch({ timestampTimeout: 10n * SECOND });
    const seldom = 9n * SECOND;
    pings(0n, seldom, [9000, ...upFrom(1, 8)]);
    // 2 * (10 s + 9 s) at most.
    expect(measured(seldom)).toEqual([0, 4, 5, 6, 7, 8]);
  });

  test('again and again', () => {
    watch({ timestampTimeout: SECOND });
    const each = upFrom(1, 40);
    pings(0n, every, [...each, ...each, ...each]);
    const all = measured(every);
    expect(all.slice(0, 40)).toEqual(upFrom(0, 40));
    expect(all.length).toBeGreaterThan(40 + 2 * 17);
  });

  test('with requests out of order', () => {
    watch({ timestampTimeout: SECOND });
    const swapped = upFrom(1, 60).map((each) =>
      each % 10 === 0 ? each + 1 : each % 10 === 1 && each > 1 ? each - 1 : each,
    );
    pings(0n, every, [...upFrom(9000, 15), ...swapped]);
    expect(measured(every).filter((at) => at >= 15).length).toBeGreaterThan(30);
  });

  test('a number that was sent a moment before is never new', () => {
    watch({ timestampTimeout: SECOND });
    // Those of three programs, each at the other end of the same numbers.
    const numbers = upFrom(0, 200).map((at) => [at, 100 + (at >> 3), 50 + (at % 7)][at % 3] ?? 0);
    const sent = new Map<number, number>();
    pings(0n, every, numbers);
    const taken = new Set(measured(every));
    expect(taken.size).toBeGreaterThan(10);
    const soon = numbers.flatMap((number, at) => {
      const last = sent.get(number);
      sent.set(number, at);
      return taken.has(at) && last !== undefined && at - last <= 10 ? [at] : [];
    });
    expect(soon).toEqual([]);
  });
});

test('who always asks the same is not measured: an answer may be to any', () => {
  watch({ timestampTimeout: SECOND });
  for (let at = 0n; at < 20n; at++) {
    request((at * SECOND * 3n) / 5n, 0);
    reply((at * SECOND * 3n) / 5n + 100n, 0);
  }
  expect(nanoseconds(kernel.rtts())).toEqual([100n]);
});

describe('who always asks the same, every 30 ns, and is answered after 100', () => {
  /** What passes from `from` on. */
  const show = (from: bigint) => {
    for (let at = 0n; at < 300n; at += 10n) {
      if (at < from) continue;
      if (at >= 100n && (at - 100n) % 30n === 0n) reply(at - from, 0);
      if (at % 30n === 0n) request(at - from, 0);
    }
  };

  test('seen from the first on', () => {
    watch();
    show(0n);
    expect(nanoseconds(kernel.rtts())).toEqual([]);
  });

  test('met with a reply', () => {
    watch();
    show(130n);
    expect(nanoseconds(kernel.rtts())).toEqual([]);
  });

  test('met with a request: up to the reply it looks as a single ping does, which is measured', () => {
    watch();
    show(120n);
    const [first, ...others] = nanoseconds(kernel.rtts());
    expect(others).toEqual([]);
    kernel.close();
    watch();
    request(0n, 0);
    reply(10n, 0);
    expect(nanoseconds(kernel.rtts())).toEqual([first]);
    expect(first).toBe(10n);
  });
});

test('a reply after the timeout is none', async () => {
  watch({ timestampTimeout: SECOND });
  request(0n, 1);
  reply(2n * SECOND, 1);
  request(3n * SECOND, 2);
  kernel.at(5n * SECOND);
  await kernel.sweep();
  // Nobody has to answer.
  expect(kernel.events().map(({ type }) => type)).toEqual(['flow']);
  expect(kernel.counters()).toMatchObject({ unanswered: 2, matched: 0 });
});

test('the rate bounds a flood, of each flow by itself', () => {
  watch({ rate: MILLISECOND });
  for (let at = 0; at < 1000; at++) {
    request(BigInt(at) * 10_000n, at);
    reply(BigInt(at) * 10_000n + 5n, at);
  }
  request(10n * MILLISECOND, 1, { id: 5 });
  expect(kernel.counters()).toMatchObject({ remembered: 11, matched: 10 });
});

test('both ends may ask with the same identifier', () => {
  watch({ includeLocal: true });
  request(0n, 1);
  request(10n, 1, {}, THERE, HERE);
  reply(300n, 1);
  reply(450n, 1, {}, HERE, THERE);
  const rtts = kernel.rtts();
  expect(rtts.map(({ rtt, matchOnEgress }) => [rtt, matchOnEgress])).toEqual([
    [300, false],
    [440, true],
  ]);
});

test('whoever asks itself is measured, too', () => {
  watch();
  const show = (at: bigint, kind: Echo['kind'], hook: HookName = 'egress') =>
    kernel.at(at).show(hook, echoFrame(HERE, HERE, { kind, id: ID, sequence: 1 }));
  show(0n, 'request');
  show(50n, 'reply');
  expect(nanoseconds(kernel.rtts())).toEqual([50n]);
});

describe('no echo', () => {
  const wrong: [string, string, string, Partial<Echo>, Encapsulation][] = [
    ['unreachable', HERE, THERE, { type: 3 }, {}],
    ['another code', HERE, THERE, { code: 1 }, {}],
    ['a neighbour solicitation', HERE6, THERE6, { type: 135 }, {}],
    ['ICMPv6 within IPv4', HERE, THERE, { type: 128 }, { protocol: 58 }],
    ['ICMP within IPv6', HERE6, THERE6, { type: 8 }, { protocol: 1 }],
  ];
  test.each(wrong)('%s is counted by its kind', (_, from, to, how, around) => {
    watch({}, ['tcp', 'icmp']);
    const echo = { kind: 'request', id: ID, sequence: 1, ...how } as const;
    kernel.show('egress', echoFrame(from, to, echo, around));
    expect(kernel.events()).toEqual([]);
    const { notTcp, icmpEcho, icmp, icmpv6 } = kernel.counters();
    expect([notTcp, icmpEcho + icmp + icmpv6]).toEqual([1, 1]);
  });

  test('less than a header', () => {
    watch();
    const whole = echoFrame(HERE, THERE, { kind: 'request', id: ID, sequence: 1, payload: 0 });
    const cut = Buffer.from(whole.subarray(0, whole.length - 2));
    cut.writeUInt16BE(26, 16);
    kernel.show('egress', cut);
    expect(kernel.counters()).toMatchObject({ malformed: 1 });
  });
});

test('within a tunnel', () => {
  const tunnels = { linkLayer: 'ethernet', tunnels: true } as const;
  kernel = new Targets({ rate: 0n }, tunnels, {}, { ...NO_FILTER, protocols: ['icmp'] });
  const around = { carriers: [vxlan()] };
  const show = (at: bigint, hook: HookName, kind: Echo['kind'], ends: readonly [string, string]) =>
    kernel.at(at).show(hook, echoFrame(...ends, { kind, id: ID, sequence: 1 }, around));
  show(0n, 'egress', 'request', [HERE, THERE]);
  show(300n, 'ingress', 'reply', [THERE, HERE]);
  expect(nanoseconds(kernel.rtts())).toEqual([300n]);
});

test('without being asked for it is counted, and that is all', () => {
  kernel = new Targets({ rate: 0n });
  request(0n, 1);
  reply(100n, 1);
  expect(kernel.events()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ notTcp: 2, icmpEcho: 2 });
});

test('where TCP is not asked for the filter leaves it out', () => {
  watch();
  meetInMidStream(kernel);
  exchange(kernel, { sent: 0n, answered: 100n }, { tsval: 7, seq: 1000 });
  expect(kernel.events()).toEqual([]);
  expect(kernel.counters().filtered).toBeGreaterThan(0);
});

test('both at once', () => {
  watch({}, ['tcp', 'icmp']);
  meetInMidStream(kernel);
  kernel.at(0n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
  request(10n, 1);
  reply(200n, 1);
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1100 });
  expect(kernel.rtts().map(({ protocol, rtt }) => [protocol, rtt])).toEqual([
    ['ICMP', 190],
    ['TCP', 500],
  ]);
});

test('ports are not what echo has in their place', () => {
  const filter = { ...NO_FILTER, protocols: ['icmp'] as const };
  const selection = { prefixes: [], portRanges: [{ first: ID, last: ID }] };
  kernel = new Targets({ rate: 0n }, 'ethernet', {}, { ...filter, include: selection });
  request(0n, 1);
  reply(100n, 1);
  expect(kernel.events()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ filtered: 2 });
});
