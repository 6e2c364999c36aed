/**
 * Hostile packets (test/helpers/packets/hostile.ts) through the real programs, and the same through
 * WebAssembly: each is passed on unchanged and accounted for, and none that is not sound has any say
 * in what is measured.
 */
import { expect, test } from '@jest/globals';
import { PASS_ON, START } from '../../lab/kernel/kernel.js';
import { newRandom, type Random } from '../../lab/random.js';
import { COUNTERS } from '../../src/core/layouts.js';
import type { LinkLayer } from '../../src/core/link-layer.js';
import type { SurroundingsOf } from '../../src/events/places.js';
import type { DnsEvent, KernelEvent, RttEvent } from '../../src/events/types.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { accountFor, type Counted } from '../helpers/core/accounts.js';
import { DnsJournal } from '../helpers/core/dns-journal.js';
import { EchoJournal } from '../helpers/core/echo-journal.js';
import { Journal } from '../helpers/core/journal.js';
import { QuicJournal } from '../helpers/core/quic-journal.js';
import { isDatagram, isEcho, isOfPort, type Readable, Reader } from '../helpers/core/reading.js';
import { Replica } from '../helpers/core/replica.js';
import { Targets } from '../helpers/core/targets.js';
import { Hostile, type Shown } from '../helpers/packets/hostile.js';

/** make fuzz asks for more. */
const PACKETS = Number(process.env.PPING_TEST_KERNEL_PACKETS ?? 60_000);
const PACKETS_A_LOAD = 10_000;
/** Events are compared after so many. */
const STRETCH = 100;
const LONGEST_GAP_NS = 200_000;
/** A fifth is of interfaces without a link header. */
const LINKS: LinkLayer[] = ['ethernet', 'ethernet', 'ip', 'ethernet', 'ethernet'];
const EXCLUDED = 40_001;
const FILTER: Filter = {
  ...NO_FILTER,
  protocols: ['tcp', 'icmp', 'quic', 'dns'],
  dnsNames: true,
  exclude: { prefixes: [], portRanges: [{ first: EXCLUDED, last: EXCLUDED }] },
};
/** All that can be measured; what is local is for the routing table to say. */
const SETTINGS = { rate: 0n, includeLocal: true };
/** The kernel itself refuses to run a program on less, by ethertype, or on more. */
const FEWEST_BYTES = new Map([
  [0x0800, 14 + 20],
  [0x86dd, 14 + 40],
]);
const MOST_BYTES = 3_500;

/** Or nothing was put to the test: of each kind so many in a thousand packets. Few loads are long enough for a proof. */
const FEWEST = { rtts: 10, pings: 1, handshakes: 0.2, spins: 0, queries: 1 } as const;
const NAMES = ['rtts', 'pings', 'handshakes', 'spins', 'queries'] as const;

// See random.ts.
const Words = Uint32Array;

/** Both targets, and one that is shown only what can be read. */
class Watched {
  readonly #targets: Targets;
  readonly #undisturbed: Replica;
  readonly #reader = new Reader(true, true);
  readonly #journal = new Journal();
  readonly #pings = new EchoJournal();
  readonly #queries = new DnsJournal();
  readonly #datagrams = new QuicJournal();
  readonly #link: LinkLayer;
  #before = new Words(COUNTERS.length);
  #after = new Words(COUNTERS.length);
  #time = 0;
  readonly seen = { rtts: 0, pings: 0, handshakes: 0, spins: 0, queries: 0 };

  constructor(link: LinkLayer) {
    this.#link = link;
    const watched = { linkLayer: link, tunnels: true };
    this.#targets = new Targets(SETTINGS, watched, {}, FILTER);
    const settings = { ...DEFAULT_SETTINGS, ...SETTINGS };
    this.#undisturbed = new Replica(settings, watched, DEFAULT_CAPACITY);
    this.#undisturbed.core.filter({ ...FILTER, exclude: NO_FILTER.exclude });
  }

  show({ packet, hook }: Shown, gap: number): void {
    this.#time += gap;
    const bytes = Buffer.from(packet.bytes.subarray(0, packet.length));
    const { segments } = packet;
    const shown = this.#targets.at(BigInt(this.#time)).show(hook, bytes, segments);
    if (shown.verdict !== PASS_ON) throw new Error(`verdict ${shown.verdict}`);
    if (!shown.data.equals(bytes)) throw new Error('the packet is not what it was');
    const reading = this.#reader.read(bytes, bytes.length, this.#link);
    const isReadable = typeof reading !== 'string';
    const isFiltered = isReadable && isOfPort(reading, EXCLUDED);
    this.#account({ hook, wire: bytes.length, reading, isFiltered });
    if (!isReadable || isFiltered) return;
    reading.time = this.#time;
    reading.hook = hook;
    this.#note(reading);
    this.#undisturbed.show(hook, bytes, this.#targets.now, { segments });
  }

  /** Both have seen the same, and it is right. */
  compare(): void {
    this.#targets.counters();
    const events = this.#targets.events();
    const { core } = this.#undisturbed;
    expect(this.#undisturbed.events().map((event) => at(event, core))).toEqual(
      events.map((event) => at(event, this.#targets)),
    );
    for (const event of events) this.#judge(event);
    if (this.#queries.missing > 0) throw new Error('a response time is missing');
  }

  close(): void {
    this.#targets.close();
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

  #judge(event: KernelEvent): void {
    if (event.type !== 'rtt' && event.type !== 'dns') return;
    const problem = this.#problemOf(event, Number(event.timestamp - START));
    if (problem) throw new Error(`${JSON.stringify(event, plain)}: ${problem}`);
  }

  #account(counted: Counted): void {
    this.#targets.count(this.#after);
    const problem = accountFor(this.#before, this.#after, counted);
    if (problem) throw new Error(`${JSON.stringify(counted)}: ${problem}`);
    [this.#before, this.#after] = [this.#after, this.#before];
  }
}

/** Of an event, as JSON. */
function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** With what its place stands for: the number may depend on what was seen before. */
function at(event: KernelEvent, where: { surroundingsOf: SurroundingsOf }) {
  return { ...event, place: where.surroundingsOf(event.place) ?? event.place };
}

function canBeRun({ packet }: Shown): boolean {
  const { bytes, length } = packet;
  const type = (bytes[12] ?? 0) * 256 + (bytes[13] ?? 0);
  return length >= (FEWEST_BYTES.get(type) ?? 14) && length <= MOST_BYTES;
}

/** @param kinds how many of each were shown @returns how many RTTs were seen, and those of each kind */
function runLoad(hostile: Hostile, link: LinkLayer, random: Random, kinds: Map<string, number>) {
  const watched = new Watched(link);
  hostile.restart();
  let kind: string | undefined;
  try {
    for (let packet = 0; packet < PACKETS_A_LOAD; ) {
      const shown = hostile.next();
      if (!canBeRun(shown)) continue;
      kind = shown.kind ?? 'sound';
      watched.show(shown, 1 + random.below(LONGEST_GAP_NS));
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      if (++packet % STRETCH === 0) watched.compare();
    }
    watched.compare();
  } catch (error) {
    throw new Error(`seed ${random.seed}, ${link}, ${kind}`, { cause: error });
  } finally {
    watched.close();
  }
  return watched.seen;
}

test(`${PACKETS} hostile packets: passed on unchanged, each counted once, and no RTT from them`, () => {
  const random = newRandom();
  const hostile = new Map(
    LINKS.map((linkLayer) => [linkLayer, new Hostile(random, { linkLayer })]),
  );
  const kinds = new Map<string, number>();
  const seen = { rtts: 0, pings: 0, handshakes: 0, spins: 0, queries: 0 };
  for (let load = 0; load * PACKETS_A_LOAD < PACKETS; load++) {
    const link = LINKS[load % LINKS.length] as LinkLayer;
    const more = runLoad(hostile.get(link) as Hostile, link, random, kinds);
    for (const name of NAMES) seen[name] += more[name];
  }
  const { rounds } = hostile.get('ethernet') as Hostile;
  const what = { rounds, ...seen, ...Object.fromEntries(kinds) };
  console.log(`seed ${random.seed}: ${JSON.stringify(what)}`);
  expect(rounds).toBeGreaterThan(0);
  expect(NAMES.filter((name) => seen[name] < (FEWEST[name] * PACKETS) / 1_000)).toEqual([]);
}, 7_200_000);
