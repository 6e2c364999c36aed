/** Flows that nothing has told whose they are: what is listed of them, and what becomes of what was found out. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, Kernel, SERVER } from '../../lab/kernel/kernel.js';
import type { SocketOwner } from '../../src/attribution/open-connection.js';
import type { UnownedFlow, Verdict } from '../../src/attribution/unowned-flow.js';
import { writeFixedSettings } from '../../src/core/fixed-settings.js';
import { AttributionView } from '../../src/events/attribution-view.js';
import { decode } from '../../src/events/decode.js';
import { OWNERS_OBJECT } from '../../src/live/requirements.js';
import { FIXED_MAP } from '../../src/maps/settings.js';
import { UnownedFlows } from '../../src/maps/unowned-flows.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';

const MS = 1_000_000n;
const OWNER: SocketOwner = {
  ...{ cookie: 5n, cgroup: 77n, uid: 33, pid: 1_234, started: 1n },
  commBytes: Buffer.from('nginx'),
};

class Owned extends Kernel {
  readonly unowned: UnownedFlows;

  constructor(isFiltered = false) {
    super({}, 'ethernet', {}, OWNERS_OBJECT, (object) =>
      writeFixedSettings(object.map(FIXED_MAP), {
        ...{ linkLayer: 'ethernet', tickNs: 1n, clockFromPacket: true },
        maxFlows: DEFAULT_CAPACITY.flows,
        attribution: { owners: true, originals: 'none', namespace: 1, isFiltered },
      }),
    );
    this.unowned = new UnownedFlows(this.object, (walk) => walk());
  }

  /** Of each event what it is, and of an owner whose. */
  told(): unknown[] {
    const told: unknown[] = [];
    const attributions = new AttributionView();
    this.drain((bytes, offset, length) => {
      const owner = attributions.at(bytes, offset, length);
      if (owner?.type === 'owner') {
        const { cgroup, socketCookie, uid, pid, comm, srcPort } = owner;
        told.push({ cgroup, socketCookie, uid, pid, comm, srcPort });
        return;
      }
      const event = decode(bytes, offset, length);
      told.push(event.type === 'flow' ? event.change : event.type);
    });
    return told;
  }
}

const OWNED = { cgroup: 77n, socketCookie: 5n, uid: 33, pid: 1_234, comm: 'nginx' };

let kernel: Owned;
afterEach(() => kernel.close());

/** One segment each way, and one more. */
function exchange(at: bigint): void {
  kernel
    .at(at * MS)
    .egress(CLIENT, SERVER, { seq: 1_000, ack: 5_000, payload: 100, tsval: 10, tsecr: 7 });
  kernel
    .at((at + 5n) * MS)
    .ingress(SERVER, CLIENT, { seq: 5_000, ack: 1_100, payload: 30, tsval: 20, tsecr: 10 });
  kernel
    .at((at + 6n) * MS)
    .egress(CLIENT, SERVER, { seq: 1_100, ack: 5_030, tsval: 16, tsecr: 20 });
}

/** Its end that has that port. */
function endAt({ ports }: UnownedFlow, port: number): 0 | 1 {
  return ports[0] === port ? 0 : 1;
}

async function listedOnce(): Promise<UnownedFlow> {
  const [flow, ...more] = await kernel.unowned.list();
  expect(more).toEqual([]);
  if (!flow) throw new Error('nothing is listed');
  return flow;
}

const owned = (flow: UnownedFlow): Verdict => ({
  ...{ flow, is: 'owned', end: endAt(flow, CLIENT.port), owner: OWNER },
});

describe('without a filter', () => {
  test('what was met in mid-stream is listed, with where both ends are', async () => {
    kernel = new Owned();
    exchange(0n);
    const flow = await listedOnce();
    const client = endAt(flow, CLIENT.port);
    expect(flow.ports[client === 0 ? 1 : 0]).toBe(SERVER.port);
    expect(flow.sent[client]).toEqual({ nextSeq: 1_100, ack: 5_030 });
    expect(flow.sent[client === 0 ? 1 : 0]).toEqual({ nextSeq: 5_030, ack: 1_100 });
  });

  test('of one that was seen one way nothing is known of the other', async () => {
    kernel = new Owned();
    kernel.egress(CLIENT, SERVER, { seq: 1_000, ack: 5_000, payload: 100, tsval: 10, tsecr: 7 });
    const flow = await listedOnce();
    const client = endAt(flow, CLIENT.port);
    expect(flow.sent[client]).toEqual({ nextSeq: 1_100, ack: 5_000 });
    expect(flow.sent[client === 0 ? 1 : 0]).toEqual({ nextSeq: undefined, ack: undefined });
  });

  test('what was found is told, once, and it is listed no more', async () => {
    kernel = new Owned();
    exchange(0n);
    expect(kernel.told()).toEqual(['opening']);
    await kernel.unowned.decide([owned(await listedOnce())]);
    expect(kernel.told()).toEqual([{ ...OWNED, srcPort: CLIENT.port }]);
    expect(await kernel.unowned.list()).toEqual([]);
    exchange(50n);
    expect(kernel.told().filter((each) => typeof each !== 'string')).toEqual([]);
  });

  test('before its first event it is told with that', async () => {
    kernel = new Owned();
    kernel.egress(CLIENT, SERVER, { seq: 1_000, ack: 5_000, payload: 100, tsval: 10, tsecr: 7 });
    await kernel.unowned.decide([owned(await listedOnce())]);
    expect(kernel.told()).toEqual([]);
    kernel
      .at(5n * MS)
      .ingress(SERVER, CLIENT, { seq: 5_000, ack: 1_100, payload: 3, tsval: 20, tsecr: 10 });
    expect(kernel.told()).toEqual([{ ...OWNED, srcPort: CLIENT.port }, 'opening']);
  });

  test('what was given up is listed no more, and nothing is told', async () => {
    kernel = new Owned();
    exchange(0n);
    kernel.told();
    await kernel.unowned.decide([{ flow: await listedOnce(), is: 'givenUp' }]);
    expect(await kernel.unowned.list()).toEqual([]);
    expect(kernel.told()).toEqual([]);
  });

  test('a verdict about one that has gone, or was replaced, says nothing', async () => {
    kernel = new Owned();
    exchange(0n);
    const flow = await listedOnce();
    await kernel.at(1_000_000n * MS).sweep();
    exchange(1_000_001n);
    kernel.told();
    await kernel.unowned.decide([owned(flow)]);
    expect(kernel.told()).toEqual([]);
    expect((await listedOnce()).id).not.toBe(flow.id);
  });

  test('one whose handshake was seen is not listed', async () => {
    kernel = new Owned();
    kernel.egress(CLIENT, SERVER, { seq: 999, flags: ['SYN'], tsval: 1, tsecr: 0 });
    kernel.at(1n * MS).ingress(SERVER, CLIENT, {
      seq: 4_999,
      ack: 1_000,
      flags: ['SYN', 'ACK'],
      tsval: 2,
      tsecr: 1,
    });
    kernel.at(2n * MS).egress(CLIENT, SERVER, { seq: 1_000, ack: 5_000, tsval: 3, tsecr: 2 });
    exchange(5n);
    expect(await kernel.unowned.list()).toEqual([]);
  });
});

/** That of one whose packets have no socket is left out until then: test/lab/before-pping.test.ts. */
describe('with a filter', () => {
  test('nothing is told of it, and it is listed with where both ends are', async () => {
    kernel = new Owned(true);
    exchange(0n);
    expect(kernel.told()).toEqual([]);
    const flow = await listedOnce();
    expect(flow.sent[endAt(flow, CLIENT.port)]).toEqual({ nextSeq: 1_100, ack: 5_030 });
    expect(flow.sent[endAt(flow, SERVER.port)]).toEqual({ nextSeq: 5_030, ack: 1_100 });
  });

  test('until it was found to be wanted', async () => {
    kernel = new Owned(true);
    exchange(0n);
    await kernel.unowned.decide([owned(await listedOnce())]);
    expect(kernel.told()).toEqual([{ ...OWNED, srcPort: CLIENT.port }, 'opening']);
    expect(await kernel.unowned.list()).toEqual([]);
  });

  test('also of one that is about to close by then', async () => {
    kernel = new Owned(true);
    exchange(0n);
    kernel.at(7n * MS).ingress(SERVER, CLIENT, {
      seq: 5_030,
      ack: 1_100,
      flags: ['FIN', 'ACK'],
      tsval: 22,
      tsecr: 16,
    });
    await kernel.unowned.decide([owned(await listedOnce())]);
    expect(kernel.told()).toEqual([{ ...OWNED, srcPort: CLIENT.port }, 'opening', 'closing']);
  });

  test('or left out for good', async () => {
    kernel = new Owned(true);
    exchange(0n);
    await kernel.unowned.decide([{ flow: await listedOnce(), is: 'refused' }]);
    exchange(50n);
    expect(await kernel.unowned.list()).toEqual([]);
    const { filtered } = kernel.counters();
    expect({ told: kernel.told(), filtered }).toEqual({ told: [], filtered: 3 });
  });

  test('what was known of it is from before it was left out: nothing is new that may have been sent before', async () => {
    kernel = new Owned(true);
    const around = { options: Buffer.alloc(0) };
    const sent = (at: bigint, seq: number) =>
      kernel.at(at * MS).ingress(SERVER, CLIENT, { seq, ack: 1_000, payload: 30, ...around });
    sent(0n, 5_000);
    kernel.at(MS).egress(CLIENT, SERVER, { seq: 1_000, ack: 5_000, ...around });
    sent(10n, 5_030);
    sent(20n, 5_000);
    await kernel.unowned.decide([owned(await listedOnce())]);
    sent(1_000n, 5_030);
    const answer = { seq: 1_000, ack: 5_060, payload: 1, ...around };
    kernel.at(1_001n * MS).egress(CLIENT, SERVER, answer);
    expect(kernel.told()).not.toContain('rtt');
  });
});
