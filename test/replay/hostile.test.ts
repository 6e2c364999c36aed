/**
 * Hostile packets (test/helpers/packets/hostile.ts) through the core as WebAssembly, on all link layers, and
 * as captures cut them off. One core is shown all of them, another only what can be read: both
 * report the same, and what they report is right. make fuzz shows far more.
 */
import { expect, test } from '@jest/globals';
import { newRandom, type Random } from '../../lab/random.js';
import { COUNTERS, EVENT_HEADER, HOOK } from '../../src/core/layouts.js';
import type { LinkLayer } from '../../src/core/link-layer.js';
import { decode } from '../../src/events/decode.js';
import type { DnsEvent, RttEvent } from '../../src/events/types.js';
import { CORE_CLOCK_OFFSET } from '../../src/replay/core.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { accountFor, type Counted } from '../helpers/core/accounts.js';
import { DnsJournal } from '../helpers/core/dns-journal.js';
import { EchoJournal } from '../helpers/core/echo-journal.js';
import { Fuzzed } from '../helpers/core/fuzzed.js';
import { Journal } from '../helpers/core/journal.js';
import { QuicJournal } from '../helpers/core/quic-journal.js';
import {
  isDatagram,
  isEcho,
  isOfPort,
  LINK_LAYERS,
  type Readable,
  Reader,
} from '../helpers/core/reading.js';
import { unwrap } from '../helpers/core/unwrapping.js';
import { Hostile, type Shown } from '../helpers/packets/hostile.js';

/** Of Linux cooked headers: a packet type, and a hardware type. */
const [OUTGOING, LOOPBACK] = [4, 772];
const PACKETS = Number(process.env.PPING_TEST_PACKETS ?? 700_000);
/** Then all is forgotten. */
const PACKETS_A_CORE = 10_000;
const LONGEST_GAP_NS = 200_000;
const EXCLUDED = 40_001;
const FILTER: Filter = {
  ...NO_FILTER,
  protocols: ['tcp', 'icmp', 'quic', 'dns'],
  dnsNames: true,
  exclude: { prefixes: [], portRanges: [{ first: EXCLUDED, last: EXCLUDED }] },
};
const ALL: Filter = { ...FILTER, exclude: NO_FILTER.exclude };
const SETTINGS = { ...DEFAULT_SETTINGS, rate: 0n };

/** Or nothing was put to the test: of each kind so many in a thousand packets. Few connections spin, and each has many RTTs. */
const FEWEST = { rtts: 10, pings: 1, handshakes: 0.2, spins: 0, queries: 1 } as const;
const NAMES = ['rtts', 'pings', 'handshakes', 'spins', 'queries'] as const;

// See random.ts.
const [DataViews, Words] = [DataView, Uint32Array];

class Watched {
  readonly #all = new Fuzzed(SETTINGS, DEFAULT_CAPACITY, FILTER);
  readonly #undisturbed = new Fuzzed(SETTINGS, DEFAULT_CAPACITY, ALL);
  readonly #reader = new Reader(true, true);
  readonly #journal = new Journal();
  readonly #pings = new EchoJournal();
  readonly #queries = new DnsJournal();
  readonly #datagrams = new QuicJournal();
  readonly #link: number;
  /** Whether the capture says which way packets went. */
  readonly #saysHook: boolean;
  #before = new Words(COUNTERS.length);
  #after = new Words(COUNTERS.length);
  #time = 1;
  readonly seen = { rtts: 0, pings: 0, handshakes: 0, spins: 0, queries: 0 };

  constructor(link: number, saysHook: boolean) {
    this.#link = link;
    this.#saysHook = saysHook;
  }

  show(shown: Shown, random: Random): void {
    const { packet } = shown;
    this.#time += 1 + random.below(LONGEST_GAP_NS);
    const bytes = packet.bytes.subarray(0, packet.length);
    const wire = packet.length + packet.left;
    const hook = this.#saysHook ? shown.hook : toldHook(bytes, wire, LINK_LAYERS[this.#link]);
    const [time, link] = [this.#time, this.#link];
    const index = hook === 'captured' ? HOOK.unknown : HOOK[hook];
    const about = { time, link, hook: index, wire, segments: packet.segments };
    this.#all.show(bytes, about);
    const reading = this.#reader.read(bytes, wire, LINK_LAYERS[link] ?? 'ethernet');
    const isReadable = typeof reading !== 'string';
    const isFiltered = isReadable && isOfPort(reading, EXCLUDED);
    this.#account({ hook, wire, reading, isFiltered });
    if (isReadable && !isFiltered) {
      reading.time = time;
      reading.hook = hook;
      this.#note(reading);
      this.#undisturbed.show(bytes, about);
    }
    this.#compare();
  }

  #note(reading: Readable): void {
    if (isEcho(reading)) this.#pings.note(reading);
    else if (!isDatagram(reading)) this.#journal.note(reading);
    else if (reading.says.kind === 'dns') this.#queries.note(reading);
    else this.#datagrams.note(reading);
  }

  /** @returns what is wrong with what is told, if anything */
  #problemOf(event: RttEvent | DnsEvent, answered: number): string | undefined {
    if (event.type === 'dns') {
      this.seen.queries++;
      return this.#queries.judge(event, answered);
    }
    this.seen.rtts++;
    if (event.protocol === 'TCP') return this.#journal.judge(event, answered);
    if (event.protocol === 'QUIC') {
      this.seen[event.by === 'spin_bit' ? 'spins' : 'handshakes']++;
      return this.#datagrams.judge(event, answered);
    }
    this.seen.pings++;
    return this.#pings.judge(event, answered);
  }

  #account(counted: Counted): void {
    this.#all.count(this.#after);
    const problem = accountFor(this.#before, this.#after, counted);
    if (problem) throw new Error(`${JSON.stringify(counted)}: ${problem}`);
    [this.#before, this.#after] = [this.#after, this.#before];
  }

  /** Where there is no room at a place's own entry, its number depends on what was seen before. */
  #areEqual(record: Uint8Array, other: Uint8Array | undefined): boolean {
    if (record.length !== other?.length) return false;
    const place = placeIn(record);
    if (place === placeIn(other)) return areEqual(record, other);
    const one = this.#all.core.surroundingsOf(place);
    const another = this.#undisturbed.core.surroundingsOf(placeIn(other));
    if (!one || JSON.stringify(one) !== JSON.stringify(another)) return false;
    return areEqual(withoutPlace(record), withoutPlace(other));
  }

  #compare(): void {
    const records = this.#all.take();
    const undisturbed = this.#undisturbed.take();
    const isSame =
      records.length === undisturbed.length &&
      records.every((record, index) => this.#areEqual(record, undisturbed[index]));
    if (!isSame) throw new Error('what cannot be read has changed the events');
    for (const record of records) {
      const event = decode(new DataViews(record.buffer), 0, record.length);
      if (event.type !== 'rtt' && event.type !== 'dns') continue;
      const problem = this.#problemOf(event, Number(event.timestamp + CORE_CLOCK_OFFSET));
      if (problem) throw new Error(`${JSON.stringify(event, plain)}: ${problem}`);
    }
    if (this.#queries.missing > 0) throw new Error('a response time is missing');
  }
}

/** Of an event, as JSON. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** Where the link header says that a packet came or left; not all do. */
function toldHook(bytes: Uint8Array, wire: number, link: LinkLayer = 'ethernet'): Counted['hook'] {
  return unwrap(bytes, wire, link).hook ?? cookedHook(bytes, link);
}

function cookedHook(bytes: Uint8Array, link: LinkLayer): Counted['hook'] {
  const isV2 = link === 'cookedV2';
  if ((!isV2 && link !== 'cooked') || bytes.length < (isV2 ? 20 : 16)) return 'captured';
  const word = (at: number) => (bytes[at] as number) * 256 + (bytes[at + 1] as number);
  const type = isV2 ? (bytes[10] as number) : word(0);
  if (word(isV2 ? 8 : 2) === LOOPBACK || type > OUTGOING) return 'captured';
  return type === OUTGOING ? 'egress' : 'ingress';
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, at) => byte === b[at]);
}

function placeIn(record: Uint8Array): number {
  return new DataViews(record.buffer, record.byteOffset).getUint16(EVENT_HEADER.place, true);
}

function withoutPlace(record: Uint8Array): Uint8Array {
  const copy = record.slice();
  copy.fill(0, EVENT_HEADER.place, EVENT_HEADER.place + 2);
  return copy;
}

/** @returns how many RTTs there were, and those of each kind */
function runCore(hostile: Hostile, link: number, packets: number, random: Random) {
  const watched = new Watched(link, random.below(4) > 0);
  hostile.restart();
  for (let packet = 0; packet < packets; packet++) {
    const shown = hostile.next();
    try {
      watched.show(shown, random);
    } catch (error) {
      const kind = shown.kind ?? 'sound';
      throw new Error(`seed ${random.seed}, ${LINK_LAYERS[link]}, ${kind}`, { cause: error });
    }
  }
  return watched.seen;
}

test(`${PACKETS} hostile packets: no trap, each counted once, and no RTT from them`, () => {
  const random = newRandom();
  const all = LINK_LAYERS.map((linkLayer) => new Hostile(random, { linkLayer, captures: true }));
  const seen = { rtts: 0, pings: 0, handshakes: 0, spins: 0, queries: 0 };
  for (let left = PACKETS, core = 0; left > 0; left -= PACKETS_A_CORE, core++) {
    const link = core % LINK_LAYERS.length;
    const packets = Math.min(left, PACKETS_A_CORE);
    const more = runCore(all[link] as Hostile, link, packets, random);
    for (const name of NAMES) seen[name] += more[name];
  }
  const rounds = all.map((hostile) => hostile.rounds);
  console.log(`seed ${random.seed}: ${JSON.stringify({ rounds, ...seen })}`);
  expect(Math.min(...rounds)).toBeGreaterThan(0);
  expect(NAMES.filter((name) => seen[name] < (FEWEST[name] * PACKETS) / 1_000)).toEqual([]);
}, 7_200_000);
