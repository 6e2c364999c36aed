import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Process } from '../../src/attribution/socket-process.js';
import { Attributions } from '../../src/owners/attributions.js';
import type { RuntimeNames } from '../../src/owners/runtime-names.js';
import {
  dnsEvent,
  ipv4,
  originalEvent,
  ownerEvent,
  reversed,
  rttEvent,
} from '../helpers/events/events.js';

const NGINX = { cgroup: '/system.slice/nginx.service', unit: 'nginx.service' };
const COOKIE = 0x1_0000_0001n;

let changed: number[];
let forgotten: bigint[];
let processes: Map<bigint, Process>;
let cgroups: Map<bigint, typeof NGINX>;
/** Undefined: looked for. */
let containers: Map<bigint, RuntimeNames | undefined>;

beforeEach(() => {
  changed = [];
  forgotten = [];
  processes = new Map();
  cgroups = new Map([[4_711n, NGINX]]);
  containers = new Map();
});

function attributions(most = 65_536): Attributions {
  return new Attributions({
    names: {
      cgroup: (id) => {
        const names = cgroups.get(id);
        return names && { ...names, ...containers.get(id) };
      },
      mayKnowMore: (id) => containers.has(id) && containers.get(id) === undefined,
      process: (cookie) => processes.get(cookie),
      forget: (cookie) => forgotten.push(cookie),
    },
    areOwnersTold: true,
    most,
    onChange: (flowId) => changed.push(flowId),
  });
}

describe('an owner', () => {
  test('is known with its process where the kernel saw it connect', () => {
    const known = attributions();
    known.accept(ownerEvent());
    const owner = { ...NGINX, uid: 33, pid: 1_234, comm: 'nginx' };
    expect(known.of(rttEvent())).toEqual({ owner, original: undefined });
    expect(known.of(reversed(rttEvent()))?.owner).toEqual(owner);
    expect(known.of(rttEvent({ flowId: 8 }))).toBeUndefined();
    expect(changed).toEqual([7]);
    expect(forgotten).toEqual([]);
  });

  test('gets its process when that is found', () => {
    const known = attributions();
    known.accept(ownerEvent({ pid: 0, comm: '' }));
    expect(known.of(rttEvent())?.owner).toEqual({ ...NGINX, uid: 33 });
    processes.set(COOKIE, { pid: 99, comm: 'late' });
    known.found([5n, COOKIE]);
    expect(known.of(rttEvent())?.owner).toEqual({ ...NGINX, uid: 33, pid: 99, comm: 'late' });
    expect(changed).toEqual([7, 7]);
    expect(forgotten).toEqual([COOKIE]);
  });

  test('of one that was accepted has who listens at once, and keeps it beside its process', () => {
    const known = attributions();
    known.accept(ownerEvent({ pid: 0, listenerPid: 80, comm: 'master' }));
    const listener = { listenerPid: 80, listenerComm: 'master' };
    expect(known.of(rttEvent())?.owner).toEqual({ ...NGINX, uid: 33, ...listener });
    expect([known.pidOf(7), known.listenerPidOf(7)]).toEqual([null, 80]);
    processes.set(COOKIE, { pid: 81, comm: 'worker' });
    known.found([COOKIE]);
    const process = { pid: 81, comm: 'worker' };
    expect(known.of(rttEvent())?.owner).toEqual({ ...NGINX, uid: 33, ...listener, ...process });
    expect([known.pidOf(7), known.listenerPidOf(7), known.listenerPidOf(8)]).toEqual([
      81,
      80,
      undefined,
    ]);
  });

  test('of a query of DNS comes with what came of it, and with no flow', () => {
    const known = attributions();
    const process = { uid: 33, pid: 77, comm: 'resolver' };
    const asker = { cgroup: 4_711n, ...process };
    expect(known.of(dnsEvent({ asker }))).toEqual({ owner: { ...NGINX, ...process } });
    expect(known.of(dnsEvent({ asker: { ...asker, cgroup: 4n } }))).toEqual({ owner: process });
    expect(known.of(dnsEvent())).toBeUndefined();
    expect(known.gaps).toEqual({ unknown: 0, unnamed: 0, processless: 0, forgotten: 0 });
  });

  test('of ports that another socket has taken is looked for by that one alone', () => {
    const known = attributions();
    known.accept(ownerEvent({ pid: 0, comm: '' }));
    known.accept(ownerEvent({ pid: 0, comm: '', socketCookie: COOKIE + 1n }));
    expect([known.gaps.processless, forgotten]).toEqual([1, [COOKIE]]);
    processes.set(COOKIE, { pid: 1, comm: 'before' });
    processes.set(COOKIE + 1n, { pid: 2, comm: 'after' });
    known.found([COOKIE]);
    expect(known.pidOf(7)).toBeNull();
    known.found([COOKIE + 1n]);
    expect(known.pidOf(7)).toBe(2);
  });

  test('of a connection that has no socket here is none; until that is told it is not known', () => {
    const known = attributions();
    expect(known.of(rttEvent())).toBeUndefined();
    known.accept(ownerEvent({ socketCookie: 0n, cgroup: 0n, uid: 0, pid: 0, comm: '' }));
    expect(known.of(rttEvent())).toEqual({ owner: undefined, original: undefined });
    expect(known.gaps).toEqual({ unknown: 0, unnamed: 0, processless: 0, forgotten: 0 });
    expect(changed).toEqual([7]);
  });

  test('that nothing has told is counted, also once the flow is closed, unless it is told', () => {
    const known = attributions();
    for (const flowId of [8, 9]) known.open(flowId);
    expect(known.of(rttEvent({ flowId: 8 }))).toBeUndefined();
    expect(known.gaps.unknown).toBe(2);
    known.close(9);
    expect(known.gaps.unknown).toBe(2);

    known.accept(ownerEvent());
    known.open(7);
    expect(known.gaps.unknown).toBe(2);
    known.accept(ownerEvent({ flowId: 8 }));
    expect(known.gaps.unknown).toBe(1);
  });

  test('has its process at each interface that it crosses, also where it closes at one first', () => {
    const known = attributions();
    for (const flowId of [7, 8, 9]) known.accept(ownerEvent({ flowId, pid: 0, comm: '' }));
    expect(known.gaps.processless).toBe(3);
    known.close(9);
    expect(forgotten).toEqual([]);
    processes.set(COOKIE, { pid: 99, comm: 'late' });
    known.found([COOKIE]);
    for (const flowId of [7, 8]) expect(known.of(rttEvent({ flowId }))?.owner?.pid).toBe(99);
    expect(known.gaps.processless).toBe(1);
    expect(forgotten).toEqual([COOKIE]);
  });

  test('keeps its name when the cgroup is gone', () => {
    const known = attributions();
    known.accept(ownerEvent());
    cgroups.clear();
    known.retry();
    expect(known.of(rttEvent())?.owner).toMatchObject(NGINX);
    expect(known.gaps.unnamed).toBe(0);
  });

  test('gets its name later, where that was not to be had at once', () => {
    cgroups.clear();
    const known = attributions();
    known.accept(ownerEvent());
    const nameless = { uid: 33, pid: 1_234, comm: 'nginx' };
    expect(known.of(rttEvent())?.owner).toEqual(nameless);
    known.retry();
    cgroups.set(4_711n, NGINX);
    known.retry();
    known.retry();
    expect(known.of(rttEvent())?.owner).toEqual({ ...NGINX, ...nameless });
    expect(changed).toEqual([7, 7]);
    expect(known.gaps.unnamed).toBe(0);
  });

  test('whose cgroup was gone before has no name, and is counted', () => {
    cgroups.clear();
    const known = attributions();
    known.accept(ownerEvent());
    known.accept(ownerEvent({ flowId: 8 }));
    for (let round = 0; round < 5; round++) known.retry();
    expect(known.gaps.unnamed).toBe(2);
    known.accept(ownerEvent({ flowId: 9 }));
    for (const flowId of [7, 8, 9]) known.close(flowId);
    expect(known.gaps.unnamed).toBe(3);
    expect(changed).toEqual([7, 8, 9]);
  });

  test('of ports that another socket has taken has its name looked for anew, and counts once', () => {
    const known = attributions();
    known.accept(ownerEvent({ cgroup: 5n }));
    for (let time = 0; time < 20; time++) known.retry();
    expect(known.gaps.unnamed).toBe(1);
    known.accept(ownerEvent({ cgroup: 6n, socketCookie: COOKIE + 1n }));
    expect(known.gaps.unnamed).toBe(1);
    cgroups.set(6n, NGINX);
    known.retry();
    expect(known.of(rttEvent())?.owner).toMatchObject(NGINX);
    expect(known.gaps.unnamed).toBe(0);
  });

  test('that is none any more does not get the name that was looked for', () => {
    const known = attributions();
    known.accept(ownerEvent({ cgroup: 5n }));
    known.accept(ownerEvent({ socketCookie: 0n, cgroup: 0n, uid: 0, pid: 0, comm: '' }));
    cgroups.set(5n, NGINX);
    known.retry();
    expect(known.of(rttEvent())).toEqual({ owner: undefined, original: undefined });
    expect(known.gaps.unnamed).toBe(0);
  });

  test('without a process is counted, open or closed, until that is found', () => {
    const known = attributions();
    for (const flowId of [7, 8, 9]) {
      known.accept(ownerEvent({ flowId, socketCookie: BigInt(flowId), pid: 0 }));
    }
    expect(known.gaps.processless).toBe(3);
    known.close(7);
    processes.set(8n, { pid: 99, comm: 'late' });
    known.found([8n]);
    known.close(8);
    expect(known.gaps).toEqual({ unknown: 0, unnamed: 0, processless: 2, forgotten: 0 });
  });

  test('is looked for no more once its flow is closed, but what still comes of that has it', () => {
    const known = attributions();
    known.accept(ownerEvent({ pid: 0, comm: '' }));
    known.close(7);
    known.close(7);
    expect(forgotten).toEqual([COOKIE]);
    processes.set(COOKIE, { pid: 99, comm: 'late' });
    known.found([COOKIE]);
    expect(known.of(rttEvent())?.owner).toEqual({ ...NGINX, uid: 33 });
    expect(changed).toEqual([7]);
  });

  test('is forgotten when 8,192 other flows were closed since anything came of its own', () => {
    const known = attributions();
    for (const flowId of [1, 2]) known.accept(ownerEvent({ flowId }));
    for (const flowId of [1, 2]) known.close(flowId);
    for (let flowId = 3; flowId <= 8_193; flowId++) {
      known.accept(ownerEvent({ flowId }));
      known.close(flowId);
      if (flowId === 5_000) expect(known.of(rttEvent({ flowId: 1 }))).toBeDefined();
    }
    expect(known.of(rttEvent({ flowId: 2 }))).toBeUndefined();
    expect(known.of(rttEvent({ flowId: 1 }))).toBeDefined();
    expect(known.gaps.forgotten).toBe(0);
  });

  test('that is told once its flow is closed is of a closed flow, also where nothing was known then', () => {
    const known = attributions(2);
    for (let flowId = 1; flowId <= 9_000; flowId++) {
      known.open(flowId);
      known.close(flowId);
      expect(known.of(rttEvent({ flowId }))).toBeUndefined();
      known.accept(ownerEvent({ flowId }));
      known.accept(originalEvent({ flowId }));
    }
    expect(known.gaps.forgotten).toBe(0);
    expect(known.of(rttEvent({ flowId: 9_000 }))).toMatchObject({ owner: NGINX });
    expect(known.of(rttEvent({ flowId: 1 }))).toBeUndefined();
  });

  test.each([
    ['where it was known before', true],
    ['where nothing was', false],
  ])('of a closed flow has what it lacks looked for no more, %s', (_, isFirst) => {
    const known = attributions();
    if (isFirst) known.accept(ownerEvent({ socketCookie: 1n, pid: 0, comm: '' }));
    known.close(7);
    cgroups.clear();
    for (const cookie of [2n, 3n]) {
      known.accept(ownerEvent({ socketCookie: cookie, pid: 0, comm: '' }));
    }
    expect(forgotten).toEqual(isFirst ? [1n, 2n, 3n] : [2n, 3n]);
    expect(known.gaps).toEqual({ unknown: 0, unnamed: 1, processless: 1, forgotten: 0 });
    expect(known.pidOf(7)).toBeUndefined();
    changed = [];
    cgroups.set(4_711n, NGINX);
    processes.set(3n, { pid: 99, comm: 'late' });
    known.found([3n]);
    known.retry();
    expect(changed).toEqual([]);
  });

  test('of a closed flow leaves the search to another interface, and has what that has found', () => {
    const known = attributions();
    const accept = (flowId: number) => known.accept(ownerEvent({ flowId, pid: 0, comm: '' }));
    accept(8);
    known.close(7);
    accept(7);
    expect([forgotten, known.gaps.processless]).toEqual([[], 2]);
    processes.set(COOKIE, { pid: 99, comm: 'late' });
    known.found([COOKIE]);
    expect([known.pidOf(8), known.pidOf(7)]).toEqual([99, undefined]);
    accept(7);
    expect(known.pidOf(7)).toBe(99);
  });

  test('is forgotten, and that counted, beyond 65,536 flows', () => {
    const known = attributions();
    for (let flowId = 1; flowId <= 65_537; flowId++) {
      known.accept(ownerEvent({ flowId, socketCookie: BigInt(flowId), pid: 0 }));
    }
    expect(known.of(rttEvent({ flowId: 1 }))).toBeUndefined();
    expect(known.of(rttEvent({ flowId: 2 }))).toBeDefined();
    expect(known.gaps.forgotten).toBe(1);
    expect(forgotten).toEqual([1n]);
  });
});

describe('beyond the most flows, none of which was seen to close', () => {
  const MOST = 1_600;
  const tell = (known: Attributions, flowId: number) => known.accept(ownerEvent({ flowId }));
  const isKnown = (known: Attributions, flowId: number) =>
    known.of(rttEvent({ flowId })) !== undefined;

  test('those of which something still comes are kept, and the others forgotten in their order', () => {
    const known = attributions(MOST);
    const pool = Array.from({ length: 100 }, (_, nth) => nth + 1);
    for (const flowId of pool) tell(known, flowId);
    for (let flowId = 101; flowId <= 10_000; flowId++) {
      tell(known, flowId);
      if (flowId % 200 === 0) for (const each of pool) known.touch(each);
    }
    expect(pool.filter((flowId) => !isKnown(known, flowId))).toEqual([]);
    expect([8_500, 8_501].map((flowId) => isKnown(known, flowId))).toEqual([false, true]);
    expect(known.gaps.forgotten).toBe(10_000 - MOST);
  });

  test('one that was of use until there was half of the room left lasts until that is taken again', () => {
    const known = attributions(MOST);
    for (let flowId = 1; flowId <= 801; flowId++) tell(known, flowId);
    known.touch(1);
    const lasting = (last: number) => {
      tell(known, last);
      return [1, 2, 800, 801].filter((flowId) => isKnown(known, flowId));
    };
    for (let flowId = 802; flowId <= 2_398; flowId++) tell(known, flowId);
    expect(lasting(2_399)).toEqual([1, 801]);
    expect(lasting(2_400)).toEqual([1]);
    expect(lasting(2_401)).toEqual([]);
  });

  test('of those that nothing has told of all are counted, once each, and the last remembered', () => {
    const known = attributions(MOST);
    for (let flowId = 1; flowId <= 2 * MOST; flowId++) known.open(flowId);
    expect(known.gaps.unknown).toBe(2 * MOST);
    for (const flowId of [1, 2 * MOST]) known.close(flowId);
    expect(known.gaps.unknown).toBe(2 * MOST);
    // What is remembered are no more than the last.
    for (let flowId = 2; flowId < 2 * MOST; flowId++) tell(known, flowId);
    const remembered = 2 * MOST - known.gaps.unknown;
    expect(remembered).toBeGreaterThan(MOST / 2);
    expect(remembered).toBeLessThan(MOST);
  });

  test('one that was closed, and one of which nothing is known, are none to keep', () => {
    const known = attributions(MOST);
    for (let flowId = 1; flowId <= MOST; flowId++) tell(known, flowId);
    known.close(1);
    for (const flowId of [1, 9_999]) known.touch(flowId);
    tell(known, MOST + 1);
    expect(known.gaps.forgotten).toBe(0);
  });
});

describe('the name of a container', () => {
  const WEB = { containerName: 'web' };

  test('comes later where it was not there yet, to all flows that are open', () => {
    containers.set(4_711n, undefined);
    const known = attributions();
    for (const flowId of [7, 8, 9]) known.accept(ownerEvent({ flowId }));
    known.close(8);
    known.retry();
    expect(changed).toEqual([7, 8, 9]);
    expect(known.of(rttEvent())?.owner).toMatchObject(NGINX);
    containers.set(4_711n, WEB);
    known.retry();
    known.retry();
    expect(changed).toEqual([7, 8, 9, 7, 9]);
    for (const flowId of [7, 9]) {
      expect(known.of(rttEvent({ flowId }))?.owner).toMatchObject({ ...NGINX, ...WEB, uid: 33 });
    }
    expect(known.of(rttEvent({ flowId: 8 }))?.owner).not.toHaveProperty('containerName');
  });

  test('is not waited for by a flow that is closed', () => {
    containers.set(4_711n, undefined);
    const known = attributions();
    known.close(7);
    known.accept(ownerEvent());
    changed = [];
    containers.set(4_711n, WEB);
    known.retry();
    expect(changed).toEqual([]);
    expect(known.of(rttEvent())?.owner).not.toHaveProperty('containerName');
    known.accept(ownerEvent());
    expect(known.of(rttEvent())?.owner).toMatchObject(WEB);
  });

  test('comes after that of the cgroup, where both are late', () => {
    cgroups.clear();
    const known = attributions();
    known.accept(ownerEvent());
    cgroups.set(4_711n, NGINX);
    containers.set(4_711n, undefined);
    known.retry();
    containers.set(4_711n, WEB);
    known.retry();
    expect(known.of(rttEvent())?.owner).toMatchObject({ ...NGINX, ...WEB });
    expect(changed).toEqual([7, 7, 7]);
  });

  test('is that of the cgroup which was told last', () => {
    containers.set(4_711n, undefined);
    cgroups.set(99n, NGINX);
    const known = attributions();
    known.accept(ownerEvent());
    known.accept(ownerEvent({ cgroup: 99n }));
    containers.set(4_711n, WEB);
    known.retry();
    expect(known.of(rttEvent())?.owner).not.toHaveProperty('containerName');
  });

  test('leaves what is known as it is where the cgroup is forgotten meanwhile', () => {
    containers.set(4_711n, undefined);
    const known = attributions();
    known.accept(ownerEvent());
    cgroups.clear();
    containers.clear();
    known.retry();
    expect(known.of(rttEvent())?.owner).toMatchObject(NGINX);
    expect(known.gaps.unnamed).toBe(0);
  });
});

describe('the ends before NAT', () => {
  const src = { address: ipv4('10.0.3.17'), port: 41_822 };

  test('are told where they differ, the way round that the event is', () => {
    const known = attributions();
    known.accept(originalEvent());
    expect(known.of(rttEvent())).toEqual({ owner: {}, original: { src, dest: undefined } });
    expect(known.of(reversed(rttEvent()))?.original).toEqual({ src: undefined, dest: src });
  });

  test('are told apart by address where both ports are equal', () => {
    const known = attributions();
    const ports = { srcPort: 179, destPort: 179 };
    known.accept(originalEvent({ ...ports, originalSrcPort: 179, originalDestPort: 179 }));
    const before = { address: src.address, port: 179 };
    expect(known.of(rttEvent(ports))?.original?.src).toEqual(before);
    expect(known.of(reversed(rttEvent(ports)))?.original).toEqual({ dest: before });
  });

  test('are both told where both differ, a port alone too', () => {
    const known = attributions();
    known.accept(originalEvent({ originalDestPort: 8_443 }));
    const dest = { address: ipv4('198.51.100.2'), port: 8_443 };
    expect(known.of(rttEvent())?.original).toEqual({ src, dest });
  });

  test('are none to believe once they are disputed', () => {
    const known = attributions();
    known.accept(ownerEvent());
    known.accept(originalEvent());
    known.accept(originalEvent({ isDisputed: true }));
    expect(known.of(rttEvent())).toMatchObject({ owner: NGINX, original: null });
    expect(changed).toEqual([7, 7, 7]);
  });

  test('are known when the flow is closed, and may be disputed then', () => {
    const known = attributions();
    known.accept(originalEvent());
    known.close(7);
    expect(known.of(rttEvent())?.original).toEqual({ src, dest: undefined });
    known.accept(originalEvent({ isDisputed: true }));
    expect(known.of(rttEvent())?.original).toBeNull();
  });
});
