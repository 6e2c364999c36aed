/** What the core tells of connections of QUIC, held against what their path takes at least. */
import { CLIENT, SERVER } from '../../../lab/kernel/ends.js';
import type { HookName } from '../../../lab/kernel/kernel.js';
import type { SweepResult } from '../../../src/core/sweep.js';
import type { Spin } from '../../../src/events/names.js';
import type { KernelEvent, RttEvent } from '../../../src/events/types.js';
import type { Passage, Watched } from './connection.js';
import type { Packet, Role } from './endpoint.js';
import { frameOf } from './frames.js';

/** The server is beyond the watcher, as seen from a client's machine. */
const HOOKS = { client: 'egress', server: 'ingress' } as const satisfies Record<Role, HookName>;
const QUIC = { client: { ...CLIENT, port: 50_000 }, server: { ...SERVER, port: 443 } };
const START_NS = 1_000_000_000_000n;
const LONG_NS = 1_000_000_000_000n;
/** An RTT is told with the next one of its side, and some changes are none. */
const LAST_EDGES = 20;
/** What an RTT is lengthened by is rounded up to this. */
const ROUNDED_NS = 4096;

/** A target of the core, or both. */
export interface Core {
  show(hook: HookName, frame: Buffer, now: bigint): void;
  events(): KernelEvent[];
  sweep(now: bigint): Promise<SweepResult>;
}

export interface ToldRtt {
  /** Which end has answered. */
  readonly half: Role;
  readonly rtt: number;
  /** When what it has answered may have passed, in ns: hardly ever more than one. None where nothing fits. */
  readonly asked: readonly number[];
  readonly least: number;
  /** When it was told: with the next of its side. */
  readonly at: number;
}

export interface Told {
  readonly rtts: readonly ToldRtt[];
  readonly verdict: Spin | undefined;
}

/** What is told by the spin bit alone. */
export async function toldOf(
  core: Core,
  { passages, path }: Watched,
  isGreased = false,
): Promise<Told> {
  const rtts: ToldRtt[] = [];
  const seen: Seen = { client: new Times(), server: new Times() };
  for (const passage of passages) {
    show(core, passage, isGreased);
    if (typeof passage.packet !== 'string') seen[passage.from].add(passage.time, passage.packet);
    for (const event of core.events()) {
      if (event.type !== 'rtt' || event.by !== 'spin_bit') continue;
      const half = roleOf(event);
      const asked = askedAt(seen, half, event.rtt);
      rtts.push({
        half,
        rtt: event.rtt,
        asked,
        least: Math.min(
          ...(asked[0] === undefined ? [0] : asked).map((at) => path.leastHalf(half, at)),
        ),
        at: passage.time,
      });
    }
  }
  const last = passages.at(-1)?.time ?? 0;
  await core.sweep(START_NS + BigInt(last) + LONG_NS);
  const closing = core.events().filter((event) => event.type === 'flow');
  return { rtts, verdict: closing.at(-1)?.spin };
}

function show(core: Core, passage: Passage, isGreased: boolean): void {
  const frame = frameOf(passage, { ...QUIC, isGreased });
  core.show(HOOKS[passage.from], frame, START_NS + BigInt(passage.time));
}

/** The responder's. */
function roleOf({ srcPort }: RttEvent): Role {
  return srcPort === QUIC.server.port ? 'server' : 'client';
}

/** Of the last changes of the value, with a packet that came so much later: when they passed. */
function askedAt({ client, server }: Seen, half: Role, rtt: number): readonly number[] {
  const [questions, answers] = half === 'server' ? [client, server] : [server, client];
  return questions.lastEdges(LAST_EDGES).filter((time) => answers.has(time + rtt));
}

type Seen = Readonly<Record<Role, Times>>;

/** When packets of an end passed, in their order. */
class Times {
  readonly #edges: number[] = [];
  readonly #all: number[] = [];
  #value: 0 | 1 | undefined;

  add(time: number, { spin }: Packet): void {
    if (spin !== this.#value && this.#value !== undefined) this.#edges.push(time);
    this.#value = spin;
    this.#all.push(time);
  }

  /** Whether one passed then, or just before. */
  has(time: number): boolean {
    const last = this.#all.findLast((each) => each <= time);
    return last !== undefined && time - last <= ROUNDED_NS;
  }

  lastEdges(count: number): readonly number[] {
    return this.#edges.slice(-count);
  }
}
