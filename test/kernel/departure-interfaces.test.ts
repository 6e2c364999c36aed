/** Of several interfaces, some hold what leaves until the time that it carries, and others do not. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { CLIENT, MILLISECOND, SERVER, START } from '../../lab/kernel/kernel.js';
import { writeFixedSettings } from '../../src/core/fixed-settings.js';
import { tickLength } from '../../src/libbpf/clock.js';
import { FIXED_MAP } from '../../src/maps/settings.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import { SeveralKernel, TestInterfaces } from '../helpers/kernel/interfaces.js';

const ONE = 101;
const OTHER = 102;
const DELAY = 10n * MILLISECOND;
/** As the kernel's bpf_ktime_get_ns(). */
const now = (): bigint => process.hrtime.bigint();

let interfaces: TestInterfaces;
let kernel: SeveralKernel;
/** Of each exchange another. */
let client = CLIENT;

beforeAll(async () => {
  interfaces = await TestInterfaces.create([
    `link add index ${ONE} name one type veth peer name other index ${OTHER}`,
  ]);
  // By the kernel's own clock: what a packet carries is not taken for it.
  kernel = new SeveralKernel(interfaces, { rate: 0n }, (object) =>
    writeFixedSettings(object.map(FIXED_MAP), {
      areSeveral: true,
      tickNs: tickLength(),
      maxFlows: DEFAULT_CAPACITY.flows,
    }),
  );
});
beforeEach(() => {
  kernel.holdDepartures(true);
});
afterAll(async () => {
  kernel.close();
  await interfaces.close();
});

/**
 * A question that is to leave by an interface DELAY from now, and its answer after that. Expects one RTT.
 * @returns whether it begins when the question is to leave, and not when it was shown
 */
function isHeld(index: number): boolean {
  client = { ...client, port: client.port + 1 };
  kernel.on(index).at(-START);
  kernel.egress(client, SERVER, { tsval: 1, tsecr: 1 });
  kernel.ingress(SERVER, client, { tsval: 1, tsecr: 1 });
  const departure = now() + DELAY;
  kernel.at(departure - START);
  kernel.egress(client, SERVER, { tsval: 2, tsecr: 1, seq: 1000, payload: 100 });
  const shown = now();
  while (now() <= departure);
  const before = now();
  kernel.ingress(SERVER, client, { tsval: 2, tsecr: 2, ack: 1100 });
  const after = now();
  const [event, ...more] = kernel.rtts();
  const rtt = BigInt(event?.rtt ?? -1);
  expect(more).toEqual([]);
  // Where the test itself took longer than the question was to wait, that is no proof of either.
  if (after - before >= departure - shown) return isHeld(index);
  const isFromDeparture = rtt <= after - departure;
  expect({ rtt, isFromEither: isFromDeparture || rtt >= before - shown }).toMatchObject({
    isFromEither: true,
  });
  return isFromDeparture;
}

const held = (): boolean[] => [ONE, OTHER].map(isHeld);

test.each([
  [[ONE], [true, false]],
  [[OTHER], [false, true]],
  [
    [ONE, OTHER],
    [true, true],
  ],
  [[], [false, false]],
])('where %j do', (holding, areHeld) => {
  kernel.maps.setHolding(new Set(holding));
  expect(held()).toEqual(areHeld);
});

test('one that is gone leaves nothing to one that comes with its index', () => {
  kernel.maps.add(ONE);
  kernel.maps.setHolding(new Set([ONE, OTHER]));
  kernel.maps.remove(ONE);
  expect(held()).toEqual([false, true]);
  kernel.maps.add(ONE);
  kernel.maps.setHolding(new Set([ONE, OTHER]));
  expect(held()).toEqual([true, true]);
});

test('none does where none is said to', () => {
  kernel.maps.setHolding(new Set([ONE]));
  kernel.holdDepartures(false);
  expect(held()).toEqual([false, false]);
});
