/** Programs in front of those that watch: they say which interface it is, whatever its index. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import {
  CLIENT,
  type HookName,
  Kernel,
  MILLISECOND,
  PASS_ON,
  SERVER,
  START,
} from '../../lab/kernel/kernel.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import type { WatchedLink } from '../../src/core/programs.js';
import { libc } from '../../src/libbpf/ffi.js';
import { enableAccounting } from '../../src/libbpf/info.js';
import { runProgram } from '../../src/libbpf/run-program.js';
import { type Entry, EntryPrograms } from '../../src/live/entry-programs.js';
import { programsIn } from '../../src/live/programs.js';
import { InterfaceMaps } from '../../src/maps/interfaces.js';
import { PLACES_MAP, PlacesMap } from '../../src/maps/places.js';
import { TestInterfaces } from '../helpers/kernel/interfaces.js';

const LINKS = ['ethernet', 'ip'] as const;
const NAMESPACE = 4_026_531_840;
/** struct __sk_buff (linux/bpf.h) */
const SKB_BYTES = 192;
const SKB_IFINDEX = 40;
const SKB_TSTAMP = 152;
/** The same for all of them. */
const INDEX = 101;

class NumberedKernel extends Kernel {
  readonly entries = new EntryPrograms(programsIn(this.object, LINKS));
  readonly maps = new InterfaceMaps(this.object);
  readonly #loaded: Entry[] = [];
  #now = START;

  constructor() {
    super({ rate: 0n }, { areSeveral: true, areNumbered: true });
  }

  /** A question and its answer, with an interface's programs. */
  exchange(number: number, link: WatchedLink): void {
    const { programs, close } = this.load(number, link);
    const around = { ethernet: link === 'ethernet' };
    const show = (hook: HookName, data: Buffer) => {
      const context = Buffer.alloc(SKB_BYTES);
      this.#now += MILLISECOND;
      context.writeBigUInt64LE(this.#now, SKB_TSTAMP);
      context.writeUInt32LE(INDEX, SKB_IFINDEX);
      const { verdict } = interfaces.within(() => runProgram(programs[hook], { data, context }));
      expect(verdict).toBe(PASS_ON);
    };
    show('egress', tcpFrame(CLIENT, SERVER, { tsval: 1, tsecr: 1 }, around));
    show('ingress', tcpFrame(SERVER, CLIENT, { tsval: 1, tsecr: 1 }, around));
    show('egress', tcpFrame(CLIENT, SERVER, { tsval: 2, tsecr: 1, seq: 1000, payload: 9 }, around));
    show('ingress', tcpFrame(SERVER, CLIENT, { tsval: 2, tsecr: 2, ack: 1009 }, around));
    close();
  }

  /** Closed with the kernel at the latest. */
  load(number: number, link: WatchedLink): Entry {
    const entry = this.entries.load(link, { interface: number, namespace: NAMESPACE });
    this.#loaded.push(entry);
    return entry;
  }

  numberOf(place: number): number | undefined {
    const places = new PlacesMap(this.object.map(PLACES_MAP).fd);
    const number = places.interfaceOf(place);
    places.close();
    return number;
  }

  override close(): void {
    for (const entry of this.#loaded) entry.close();
    this.maps.close();
    this.entries.close();
    super.close();
  }
}

let interfaces: TestInterfaces;
let kernel: NumberedKernel;
beforeAll(async () => {
  interfaces = await TestInterfaces.create([
    `link add index ${INDEX} name one type veth peer name other`,
  ]);
});
afterAll(() => interfaces.close());
beforeEach(() => {
  kernel = new NumberedKernel();
});
afterEach(() => kernel.close());

test.each([
  [1, 'ethernet'],
  [2, 'ip'],
  [0x7fff, 'ethernet'],
  [0xffff_ffff, 'ip'],
] as const)('a flow is at the interface with number %i, %s', (number, link) => {
  kernel.exchange(number, link);
  const rtts = kernel.rtts();
  expect(rtts).toHaveLength(1);
  expect(kernel.numberOf(rtts[0]?.place ?? 0)).toBe(number);
});

test('the same packets at two are two flows, and are counted at each', () => {
  kernel.maps.add(7);
  kernel.maps.add(8);
  kernel.exchange(7, 'ethernet');
  kernel.exchange(8, 'ethernet');
  const rtts = kernel.rtts();
  expect(rtts.map(({ place }) => kernel.numberOf(place))).toEqual([7, 8]);
  expect(new Set(rtts.map(({ flowId }) => flowId)).size).toBe(2);
  expect([7, 8].map((number) => kernel.maps.seen(number))).toMatchObject([
    { egress: 2, ingress: 2 },
    { egress: 2, ingress: 2 },
  ]);
});

test('what they cost, with all behind them, is known also of those that are gone', () => {
  const accounting = enableAccounting();
  kernel.exchange(1, 'ethernet');
  kernel.exchange(2, 'ip');
  const { programs } = kernel.load(3, 'ethernet');
  runProgram(programs.egress, {
    data: tcpFrame(CLIENT, SERVER, {}),
    context: Buffer.alloc(SKB_BYTES),
  });
  libc.close(accounting);
  expect(kernel.entries.runs('egress').packets).toBe(5);
  expect(kernel.entries.runs('ingress').packets).toBe(4);
  expect(kernel.entries.runs('egress').ns).toBeGreaterThan(0);
});

test('once there is nothing behind them, packets pass', () => {
  const { programs } = kernel.load(3, 'ethernet');
  const show = () =>
    runProgram(programs.egress, {
      data: tcpFrame(CLIENT, SERVER, {}),
      context: Buffer.alloc(SKB_BYTES),
    });
  expect(show().verdict).toBe(PASS_ON);
  expect(kernel.counters().egress).toBe(1);
  kernel.entries.close();
  expect(show().verdict).toBe(PASS_ON);
  expect(kernel.counters().egress).toBe(1);
});
