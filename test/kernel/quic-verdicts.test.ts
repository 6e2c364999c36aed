/** How many connections of QUIC spin, and which of their packets can tell an RTT; on both targets. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type HookName, type Kernel, MILLISECOND, SECOND } from '../../lab/kernel/kernel.js';
import { type End, tcpFrame } from '../../lab/kernel/packets.js';
import {
  connectionId,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
} from '../../lab/kernel/quic-packets.js';
import { Random } from '../../lab/random.js';
import { measurableIn } from '../../src/core/counters.js';
import {
  connectionsIn,
  endedIn,
  NO_CONNECTIONS,
  type QuicConnections,
} from '../../src/core/quic-connections.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { Targets } from '../helpers/core/targets.js';
import { watchConnection } from '../helpers/spin/connection.js';
import type { Policy, Role } from '../helpers/spin/endpoint.js';
import { frameOf } from '../helpers/spin/frames.js';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 443 };
const HOOKS = { client: 'egress', server: 'ingress' } as const satisfies Record<Role, HookName>;
const MS = 1e6;
const TURN = 10n * MILLISECOND;
/** When all is forgotten. */
const LATE = 1000n * SECOND;

let kernel: Kernel;
beforeEach(() => {
  const filter = { ...NO_FILTER, protocols: ['quic'] as const };
  kernel = new Targets({ rate: 0n, includeLocal: true }, 'ethernet', {}, filter);
});
afterEach(() => kernel.close());

function show(from: Role, at: bigint, spin: number, client: End = CLIENT): void {
  const packet = shortPacket({ spin: spin % 2 === 0 ? 0 : 1 });
  const [source, dest] = from === 'client' ? [client, SERVER] : [SERVER, client];
  kernel.at(at).show(HOOKS[from], quicFrame(source, dest, [packet]));
}

/** One packet each way in each turn. */
function spins(turns: number, first = 0): void {
  for (let turn = first; turn < first + turns; turn++) {
    show('client', BigInt(turn) * TURN, turn);
    show('server', BigInt(turn) * TURN + 700n, turn);
  }
}

/** For two seconds. */
function isConstant(client = CLIENT, start = 0n): void {
  for (let turn = 0; turn < 200; turn++) {
    show('client', start + BigInt(turn) * TURN, 0, client);
    show('server', start + BigInt(turn) * TURN + 700n, 0, client);
  }
}

/** As many bulk packets as make a random end plain. */
function isRandom(client: End, start: bigint): void {
  const policies = { client: 'randomPacket' } as const satisfies Partial<Record<Role, Policy>>;
  const delays = {
    ...{ clientToWatcher: 2 * MS, watcherToServer: 11 * MS },
    ...{ serverToWatcher: 13 * MS, watcherToClient: 3 * MS },
  };
  const streams = [{ from: 'server', gap: MS } as const];
  const { passages } = watchConnection(
    { delays, streams, duration: 1500 * MS, ...policies },
    new Random(1),
  );
  for (const passage of passages) {
    if (typeof passage.packet === 'string') continue;
    kernel
      .at(start + BigInt(passage.time))
      .show(HOOKS[passage.from], frameOf(passage, { client, server: SERVER }));
  }
}

async function left(flush = false): Promise<QuicConnections> {
  return (await kernel.sweep(flush)).quic;
}

const ended = () => endedIn(kernel.counters());
const packets = () => {
  const { spinBit, noSpin } = kernel.counters();
  return { spinBit, noSpin };
};

describe('packets with a short header', () => {
  test('can tell an RTT from the one on that proves that both ends spin; each RTT is of such a one', () => {
    let [proven, rtts] = [0, 0];
    for (let turn = 0; turn < 40; turn++) {
      for (const from of ['client', 'server'] as const) {
        const before = kernel.counters();
        show(from, BigInt(turn) * TURN + (from === 'client' ? 0n : 700n), turn);
        const after = kernel.counters();
        const isProven = after.spinBit > before.spinBit;
        const hasRtt = after.spinMatched > before.spinMatched;
        expect(after.noSpin - before.noSpin).toBe(isProven ? 0 : 1);
        expect(isProven || !hasRtt).toBe(true);
        expect(isProven || proven === 0).toBe(true);
        if (isProven) proven++;
        if (hasRtt) rtts++;
      }
    }
    expect(rtts).toBeGreaterThan(2);
    expect(packets()).toEqual({ spinBit: proven, noSpin: 80 - proven });
  });

  test('are not measurable where nothing spins, and neither are their bytes', () => {
    isConstant();
    expect(packets()).toEqual({ spinBit: 0, noSpin: 400 });
    const counters = kernel.counters();
    expect(counters.unmeasurableBytes).toBe(counters.bytes);
    expect(counters.quicBytes).toBe(0);
    expect(measurableIn(counters)).toEqual({
      ...{ packets: 0, bytes: 0, ofPackets: 400, ofBytes: counters.bytes },
    });
  });

  test('are measurable, and so are their bytes, once it is proven', () => {
    spins(40);
    const { spinBit, bytes, unmeasurableBytes, quicBytes } = kernel.counters();
    expect(spinBit).toBeGreaterThan(0);
    expect(measurableIn(kernel.counters()).packets).toBe(spinBit);
    // They are all of one size.
    expect(quicBytes).toBe((bytes / 80) * spinBit);
    expect(bytes - unmeasurableBytes).toBe(quicBytes);
  });

  test('of a flow whose values turn out random are not, any more', () => {
    spins(40);
    const random = new Random(3);
    const fates: string[] = [];
    for (let at = 0; at < 400; at++) {
      const before = kernel.counters();
      const from = at % 2 === 0 ? 'client' : 'server';
      show(from, 40n * TURN + BigInt(at) * MILLISECOND, random.below(2));
      const after = kernel.counters();
      const fate = after.noSpin > before.noSpin ? 'no spin' : 'spin bit';
      fates.push(fate);
      expect(after.spinMatched - before.spinMatched).toBeLessThanOrEqual(
        fate === 'no spin' ? 0 : 2,
      );
    }
    const lost = fates.indexOf('no spin');
    expect(lost).toBeGreaterThan(0);
    expect(new Set(fates.slice(lost))).toEqual(new Set(['no spin']));
  });
});

describe('connections', () => {
  const OTHERS = [1, 2, 3].map((more) => ({ ...CLIENT, port: CLIENT.port + more }));

  test('are counted by their verdict: as they are, and as they end', async () => {
    const [constant, random, none] = OTHERS as [End, End, End];
    spins(40);
    isConstant(constant, SECOND);
    isRandom(random, 4n * SECOND);
    show('client', 6n * SECOND, 0, none);
    show('server', 6n * SECOND + 700n, 0, none);
    expect(await left()).toEqual({ valid: 1, random: 1, constant: 1, none: 1 });
    expect(ended()).toEqual(NO_CONNECTIONS);
    expect(await left(true)).toEqual({ valid: 1, random: 1, constant: 1, none: 1 });
    kernel.at(LATE);
    expect(await left()).toEqual(NO_CONNECTIONS);
    expect(ended()).toEqual({ valid: 1, random: 1, constant: 1, none: 1 });
    expect(await left()).toEqual(NO_CONNECTIONS);
    expect(connectionsIn(kernel.counters(), await left())).toEqual({
      ...{ valid: 1, random: 1, constant: 1, none: 1 },
    });
  });

  test('are told by what they have turned out to be until then', async () => {
    spins(4);
    expect(await left()).toEqual({ ...NO_CONNECTIONS, none: 1 });
    spins(36, 4);
    expect(await left()).toEqual({ ...NO_CONNECTIONS, valid: 1 });
  });

  test('of which one direction alone is seen are none', async () => {
    for (let turn = 0; turn < 40; turn++) show('client', BigInt(turn) * TURN, turn);
    expect(await left()).toEqual(NO_CONNECTIONS);
    kernel.at(LATE);
    expect(await left()).toEqual(NO_CONNECTIONS);
    expect(ended()).toEqual(NO_CONNECTIONS);
    expect(packets()).toEqual({ spinBit: 0, noSpin: 40 });
  });

  test('that others follow on their ports are over', async () => {
    const initial = (dcid: number, scid: number) =>
      padded(
        longPacket({
          ...{ type: 'initial', dcid: connectionId(dcid), scid: connectionId(scid) },
          payload: 1200,
        }),
      );
    const shake = (at: bigint, first: number) => {
      kernel.at(at).show('egress', quicFrame(CLIENT, SERVER, [initial(first, first + 1)]));
      const answer = quicFrame(SERVER, CLIENT, [initial(first + 1, first + 2)]);
      kernel.at(at + 700n).show('ingress', answer);
      // Until then the Initial may be forged.
      const proof = longPacket({
        type: 'handshake',
        dcid: connectionId(first + 2),
        scid: connectionId(first + 1),
      });
      kernel.at(at + 1_400n).show('egress', quicFrame(CLIENT, SERVER, [proof]));
    };
    isConstant();
    expect(await left()).toEqual({ ...NO_CONNECTIONS, constant: 1 });
    shake(20n * SECOND, 11);
    expect(ended()).toEqual({ ...NO_CONNECTIONS, constant: 1 });
    expect(await left()).toEqual({ ...NO_CONNECTIONS, none: 1 });
  });

  test('of TCP are not among them', async () => {
    kernel.close();
    const filter = { ...NO_FILTER, protocols: ['all'] as const };
    kernel = new Targets({ rate: 0n, includeLocal: true }, 'ethernet', {}, filter);
    const segment = { flags: ['ACK'] as const, tsval: 1, tsecr: 1, payload: 100 };
    kernel.at(1n).show('egress', tcpFrame(CLIENT, SERVER, segment));
    kernel.at(2n).show('ingress', tcpFrame(SERVER, CLIENT, segment));
    expect(await left()).toEqual(NO_CONNECTIONS);
    kernel.at(LATE);
    expect(await left()).toEqual(NO_CONNECTIONS);
    expect(ended()).toEqual(NO_CONNECTIONS);
  });
});
