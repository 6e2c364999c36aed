/** RTTs by QUIC's spin bit, on both targets. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Kernel, MICROSECOND, MILLISECOND, SECOND, START } from '../../lab/kernel/kernel.js';
import {
  connectionId,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
} from '../../lab/kernel/quic-packets.js';
import { Random } from '../../lab/random.js';
import type { KernelEvent, RttEvent } from '../../src/events/types.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';
import { watchConnection } from '../helpers/spin/connection.js';
import { type Core, toldOf } from '../helpers/spin/told.js';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 443 };
const MS = 1e6;
/** Turns until what is prompt is proven: 1 of 25 each, since the first changes nothing. */
const PROOF = 26;

let kernel: Kernel;
afterEach(() => kernel.close());

function watch(settings: Partial<Settings> = {}): void {
  const filter = { ...NO_FILTER, protocols: ['quic'] as const };
  kernel = new Targets({ rate: 0n, includeLocal: true, ...settings }, 'ethernet', {}, filter);
}

function client(at: bigint, spin: number): void {
  const packet = shortPacket({ spin: spin === 0 ? 0 : 1 });
  kernel.at(at).show('egress', quicFrame(CLIENT, SERVER, [packet]));
}

function server(at: bigint, spin: number): void {
  const packet = shortPacket({ spin: spin === 0 ? 0 : 1 });
  kernel.at(at).show('ingress', quicFrame(SERVER, CLIENT, [packet], { toThisHost: true }));
}

/** One packet each way in each turn: 700 ns to the server and back, and 10 ms to the client. @returns when the next begins */
function turns(count: number, from = 0): bigint {
  for (let turn = from; turn < from + count; turn++) {
    const at = BigInt(turn) * 10n * MILLISECOND;
    client(at, (turn + 1) % 2);
    server(at + 700n, (turn + 1) % 2);
  }
  return BigInt(from + count) * 10n * MILLISECOND;
}

async function verdict(): Promise<unknown> {
  await kernel.at(1000n * SECOND).sweep();
  return kernel.flowEvents().at(-1)?.spin;
}

describe('one packet in each turn', () => {
  test('half RTTs, to the nanosecond, once it is proven', async () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    turns(PROOF + 4, 1);
    const rtts = kernel.rtts();
    expect(rtts.length).toBeGreaterThan(2);
    for (const { rtt, by, answer, protocol, srcPort } of rtts) {
      expect({ by, answer, protocol }).toEqual({
        by: 'spin_bit',
        answer: 'data',
        protocol: 'QUIC',
      });
      expect(rtt).toBe(srcPort === 443 ? 700 : 9_999_300);
    }
    expect(kernel.counters().spinMatched).toBe(rtts.length);
    expect(await verdict()).toBe('valid');
  });

  test('each has the time of its edge, though it is told later', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    turns(PROOF + 4, 1);
    const late = kernel
      .rtts()
      .map(({ timestamp, srcPort }) => [srcPort, (timestamp - START) % (10n * MILLISECOND)]);
    expect(late.length).toBeGreaterThan(2);
    expect(late.filter(([port, at]) => at !== (port === SERVER.port ? 700n : 0n))).toEqual([]);
  });

  test('too few turns prove nothing, and are not told', async () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    turns(PROOF - 2, 1);
    expect(kernel.rtts()).toEqual([]);
    expect(await verdict()).toBe('none');
  });

  test('this machine itself is left out', () => {
    watch({ includeLocal: false });
    client(0n, 0);
    server(1n, 0);
    turns(PROOF + 4, 1);
    const ends = new Set(kernel.rtts().map(({ srcPort }) => srcPort));
    expect([...ends]).toEqual([SERVER.port]);
  });

  test('a packet that was overtaken is no edge', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    const next = turns(PROOF + 4, 1);
    kernel.rtts();
    const value = (PROOF + 5) % 2;
    client(next, value);
    client(next + 100n, 1 - value);
    server(next + 700n, value);
    turns(20, PROOF + 6);
    const rtts = kernel.rtts();
    expect(rtts.filter(({ rtt }) => rtt !== 700 && rtt !== 9_999_300)).toEqual([]);
    // And costs no more than some turns.
    expect(rtts.length).toBeGreaterThan(20);
  });
});

describe('some packets in each turn of the server', () => {
  const TURN = 25n * MILLISECOND;
  const TO_SERVER = 19_250n * MICROSECOND;
  const GAP = 100n * MICROSECOND;

  const MANY = 20n;
  const FEW = 6n;

  /** One packet of the client, and so many of the server, the first of which is followed by a silence. */
  function turn(at: bigint, spin: number, packets = MANY, silence = 0n): void {
    client(at, spin);
    server(at + TO_SERVER, spin);
    for (let packet = 1n; packet < packets; packet++)
      server(at + TO_SERVER + silence + packet * GAP, spin);
  }

  function proven(packets = MANY): void {
    watch();
    client(0n, 0);
    server(1n, 0);
    for (let at = 1n; at <= PROOF + 4; at++) turn(at * TURN, Number(at % 2n), packets);
  }

  const toServer = () => kernel.rtts().filter(({ srcPort }) => srcPort === SERVER.port);

  test('an RTT ends with the first of an edge', () => {
    proven();
    const rtts = toServer();
    expect(rtts.length).toBeGreaterThan(2);
    expect(new Set(rtts.map(({ rtt }) => rtt))).toEqual(new Set([Number(TO_SERVER)]));
  });

  test.each([100n, 1_000n, 5_000n])('but not after a silence of %s ms', (silence) => {
    proven();
    expect(toServer().length).toBeGreaterThan(2);
    const next = BigInt(PROOF + 5);
    turn(next * TURN, Number(next % 2n), MANY, silence * MILLISECOND);
    expect(toServer()).toEqual([]);
    const after = (next + 1n) * TURN + silence * MILLISECOND;
    for (let at = 1n; at <= 4n; at++) turn(after + at * TURN, Number((next + at) % 2n));
    const rtts = toServer();
    expect(rtts.length).toBeGreaterThan(2);
    expect(new Set(rtts.map(({ rtt }) => rtt))).toEqual(new Set([Number(TO_SERVER)]));
  });

  test('nor where some were overtaken: then it ends with the one that confirms the edge', () => {
    proven(FEW);
    const next = BigInt(PROOF + 5);
    // Before its turn.
    server(next * TURN - MILLISECOND, Number(next % 2n));
    for (let at = next; at < next + 10n; at++) turn(at * TURN, Number(at % 2n), FEW);
    expect(toServer().at(-1)?.rtt).toBe(Number(TO_SERVER + 2n * GAP));
    turn((next + 10n) * TURN, Number(next % 2n), FEW, SECOND);
    expect(toServer()).toEqual([]);
  });
});

describe('some packets in each turn, some of them overtaken', () => {
  const TURN = 31n * MILLISECOND;
  const TO_SERVER = MILLISECOND;

  function turn(at: bigint, spin: number, toServer = TO_SERVER, gap = MILLISECOND / 10n): void {
    client(at, spin);
    for (let packet = 0n; packet < 6n; packet++) server(at + toServer + packet * gap, spin);
  }

  test('an RTT beyond 4.29 s is not told, nor what is left of it in 32 bits', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    for (let at = 1n; at <= PROOF + 4; at++) turn(at * TURN, Number(at % 2n));
    const next = BigInt(PROOF + 5);
    // Before its turn.
    server(next * TURN - 5n * MILLISECOND, Number(next % 2n));
    for (let at = next; at < next + 10n; at++) turn(at * TURN, Number(at % 2n));
    expect(kernel.rtts().length).toBeGreaterThan(2);
    turn((next + 10n) * TURN, Number(next % 2n), 4_285n * MILLISECOND, 10n * MILLISECOND);
    for (let at = next + 11n; at < next + 20n; at++) turn(5n * SECOND + at * TURN, Number(at % 2n));
    const toServer = kernel.rtts().filter(({ srcPort }) => srcPort === SERVER.port);
    expect(toServer.length).toBeGreaterThan(2);
    expect(toServer.filter(({ rtt }) => rtt > 2 * MS)).toEqual([]);
  });
});

describe('an RTT waits for the next one of its side', () => {
  const TURN = 25n * MILLISECOND;
  const TO_SERVER = 10n * MILLISECOND;
  const GAP = 4096n * 100n;

  /** One packet of the client, and six of the server, the first of which comes so much early. */
  function turn(nth: number, early = 0n): void {
    const at = BigInt(nth) * TURN;
    client(at, nth % 2);
    server(at + TO_SERVER - early, nth % 2);
    for (let packet = 1n; packet < 6n; packet++) server(at + TO_SERVER + packet * GAP, nth % 2);
  }

  function proven(): void {
    watch();
    client(0n, 0);
    server(1n, 0);
    for (let nth = 1; nth <= PROOF + 4; nth++) turn(nth);
    expect(toServer().length).toBeGreaterThan(2);
  }

  const toServer = () =>
    kernel
      .rtts()
      .filter(({ srcPort }) => srcPort === SERVER.port)
      .map(({ rtt }) => rtt);

  test('it is told with that', () => {
    proven();
    turn(31);
    expect(toServer()).toEqual([Number(TO_SERVER)]);
  });

  test('and not where its end sends the value from before once more, and again', () => {
    proven();
    server(30n * TURN + 20n * MILLISECOND, 1);
    server(30n * TURN + 20n * MILLISECOND + GAP, 1);
    turn(31);
    expect(toServer()).toEqual([]);
  });

  test('an end that stops spinning with a last change that is early has no RTT of it', () => {
    proven();
    client(31n * TURN, 1);
    for (let packet = 0n; packet < 100n; packet++)
      server(31n * TURN + TO_SERVER - 500n * MICROSECOND + packet * GAP, 1);
    expect(toServer()).toEqual([Number(TO_SERVER)]);
    client(32n * TURN, 0);
    for (let packet = 0n; packet < 100n; packet++) server(33n * TURN + packet * GAP, 1);
    expect(toServer()).toEqual([]);
  });

  test('what is less than those before and after it ends with a packet that came later', () => {
    proven();
    turn(31, 300n * MICROSECOND);
    turn(32);
    const rounded = 173n * 4096n + 4096n;
    expect(toServer()).toEqual([
      Number(TO_SERVER),
      Number(TO_SERVER - 300n * MICROSECOND + rounded),
    ]);
  });
});

describe('another connection id', () => {
  /** Turns of one packet each, of which the client's have this id. */
  function turnsWith(id: Buffer, count: number, from: number): void {
    for (let turn = from; turn < from + count; turn++) {
      const at = BigInt(turn) * 10n * MILLISECOND;
      const packet = shortPacket({ spin: turn % 2 === 0 ? 1 : 0, dcid: id });
      kernel.at(at).show('egress', quicFrame(CLIENT, SERVER, [packet]));
      server(at + 700n, (turn + 1) % 2);
    }
  }

  test('has both ends to be proven again', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    turnsWith(connectionId(1), PROOF + 10, 1);
    expect(kernel.rtts().length).toBeGreaterThan(2);
    turnsWith(connectionId(2), 1, PROOF + 11);
    kernel.rtts();
    turnsWith(connectionId(2), PROOF - 3, PROOF + 12);
    expect(kernel.rtts()).toEqual([]);
    turnsWith(connectionId(2), 20, 2 * PROOF + 9);
    expect(kernel.rtts().length).toBeGreaterThan(2);
  });

  test('is none in one packet alone, which anyone can forge', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    turnsWith(connectionId(1), PROOF + 10, 1);
    for (let turn = PROOF + 11; turn < PROOF + 40; turn += 3) {
      turnsWith(connectionId(1), 2, turn);
      turnsWith(connectionId(2), 1, turn + 2);
    }
    const late = kernel.rtts().filter(({ timestamp }) => timestamp > START + 400n * MILLISECOND);
    expect(late.length).toBeGreaterThan(20);
  });

  test('is none where there are no ids: what is in their place is another each time', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    for (let turn = 1; turn < PROOF + 10; turn++) turnsWith(connectionId(turn), 1, turn);
    expect(kernel.rtts().length).toBeGreaterThan(2);
  });

  test.each([2n, 3n])('nor where %s copies of each packet pass', (copies) => {
    watch();
    client(0n, 0);
    server(1n, 0);
    for (let turn = 1; turn < PROOF + 10; turn++) {
      const at = BigInt(turn) * 10n * MILLISECOND;
      const packet = shortPacket({ spin: (turn + 1) % 2 === 0 ? 0 : 1, dcid: connectionId(turn) });
      for (let copy = 0n; copy < copies; copy++)
        kernel.at(at + copy * 100n).show('egress', quicFrame(CLIENT, SERVER, [packet]));
      server(at + 700n, (turn + 1) % 2);
    }
    expect(kernel.rtts().length).toBeGreaterThan(2);
  });
});

const initialOf = (dcid: number, scid: number) =>
  padded(
    longPacket({
      type: 'initial',
      dcid: connectionId(dcid),
      scid: connectionId(scid),
      payload: 1200,
    }),
  );

/** The client's Initial, which anyone can send. */
function forged(at: bigint, dcid: number, scid: number): void {
  kernel.at(at).show('egress', quicFrame(CLIENT, SERVER, [initialOf(dcid, scid)]));
}

/** What was forged counts in the flow that there is. */
function withoutTraffic(event: KernelEvent) {
  const { sentPackets, recPackets, sentBytes, recBytes, ...rest } = event as RttEvent;
  return rest;
}

describe('Initials that nothing answers', () => {
  test('cost a flow that is there no RTT', () => {
    watch();
    client(0n, 0);
    server(1n, 0);
    const next = turns(PROOF + 4, 1);
    const before = kernel.rtts().length;
    expect(before).toBeGreaterThan(2);
    forged(next - MILLISECOND, 8, 9);
    turns(4, PROOF + 5);
    const after = kernel.rtts();
    expect(after.length).toBe(8);
    expect(after.every(({ rtt }) => rtt === 700 || rtt === 9_999_300)).toBe(true);
  });

  test('nor one that has been silent for long, though the server answers them', () => {
    const rttsOf = (isForged: boolean) => {
      watch();
      client(0n, 0);
      server(1n, 0);
      const next = turns(PROOF + 4, 1);
      if (isForged) {
        forged(next + 5n * SECOND, 8, 9);
        for (const at of [5_001n, 5_600n, 6_800n]) {
          const answer = quicFrame(SERVER, CLIENT, [initialOf(9, 77)], { toThisHost: true });
          kernel.at(next + at * MILLISECOND).show('ingress', answer);
        }
      }
      turns(20, PROOF + 5 + 800);
      const events = kernel.events();
      kernel.close();
      return events.filter(({ type }) => type === 'rtt' || type === 'flow').map(withoutTraffic);
    };
    const undisturbed = rttsOf(false);
    expect(undisturbed.length).toBeGreaterThan(20);
    expect(rttsOf(true)).toEqual(undisturbed);
  });

  /** Of a handshake whose end is missing. */
  const unfinished = () => {
    forged(0n, 1, 2);
    kernel
      .at(1_000n)
      .show('ingress', quicFrame(SERVER, CLIENT, [initialOf(2, 3)], { toThisHost: true }));
  };

  test('nor those of a server: they are not waited for, once it is too late', () => {
    watch();
    unfinished();
    turns(PROOF + 4, 3_000);
    expect(kernel.rtts().filter(({ by }) => by === 'spin_bit').length).toBeGreaterThan(2);
  });
});

test('one direction alone has no halves', async () => {
  watch();
  for (let turn = 0; turn < 100; turn++) client(BigInt(turn) * MILLISECOND, turn % 2);
  await kernel.at(1000n * SECOND).sweep(true);
  expect(kernel.rtts()).toEqual([]);
});

test('a value that does not change is constant', async () => {
  watch();
  for (let at = 0n; at < 200n; at++) {
    client(at * 10n * MILLISECOND, 0);
    server(at * 10n * MILLISECOND + 700n, 0);
  }
  expect(await verdict()).toBe('constant');
});

test('at the rate that was asked for', () => {
  watch({ rate: 100n * MILLISECOND });
  client(0n, 0);
  server(1n, 0);
  turns(PROOF + 100, 1);
  const rtts = kernel.rtts().filter(({ srcPort }) => srcPort === 443);
  expect(rtts.length).toBeGreaterThanOrEqual(9);
  expect(rtts.length).toBeLessThanOrEqual(11);
});

const DELAYS = {
  ...{ clientToWatcher: 2 * MS, watcherToServer: 11 * MS },
  ...{ serverToWatcher: 13 * MS, watcherToClient: 3 * MS },
};

test.each([
  ['valid', {}],
  ['random', { client: 'randomPacket' }],
  ['random', { server: 'randomPacket' }],
  ['constant', { client: 'zero', server: 'zero' }],
] as const)('both targets agree on connections that are %s: %j', async (wanted, policies) => {
  watch();
  const streams = [{ from: 'server', gap: MS } as const];
  const faults = { loss: 0.02, reordering: 0.02, detour: 4 * MS };
  const story = { delays: DELAYS, faults, streams, duration: 1500 * MS, ...policies };
  const core: Core = {
    show: (hook, frame, now) => void kernel.at(now - 1000n * SECOND).show(hook, frame),
    events: () => kernel.events(),
    sweep: (now) => kernel.at(now - 1000n * SECOND).sweep(),
  };
  const told = await toldOf(core, watchConnection(story, new Random(1)));
  expect(told.verdict).toBe(wanted);
  expect(told.rtts.filter(({ rtt, least }) => rtt < least)).toEqual([]);
  expect(told.rtts.length > 0).toBe(wanted === 'valid');
});
