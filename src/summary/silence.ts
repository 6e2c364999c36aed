/** Why is there no RTT? Counters -> one answer. */
import { type Counters, packetsIn, since } from '../core/counters.js';
import type { ProtocolWord } from '../sampling/protocols.js';

export type Reason =
  | 'no packets'
  | 'not read'
  | 'filtered'
  | 'no timestamps'
  | 'handshakes only'
  | 'resets only'
  | 'maps full'
  | 'one direction'
  | 'no spin'
  | 'unanswered'
  | 'rate-limited'
  | 'local only'
  | 'nothing new'
  | 'no data';

/** Where packets come from: an interface, or a capture that was taken before. */
export type PacketSource = 'live' | 'capture';

export interface Silence {
  readonly reason: Reason;
  readonly source: PacketSource;
  /** Whether tunnels were looked into. */
  readonly tunnels: boolean;
  /** Whether others than TCP were measured. */
  readonly others?: boolean;
  /** What is measured; undefined: TCP. */
  readonly asked?: readonly ProtocolWord[] | undefined;
  /** As of a Look. */
  readonly isByProtocolAlone?: boolean | undefined;
  /** What was counted during it. */
  readonly counters: Counters;
}

/** What a look at the kernel's state, or a replay's, shows. */
export interface Look {
  readonly counters: Counters;
  readonly source: PacketSource;
  /** Whether tunnels are looked into. */
  readonly tunnels: boolean;
  /** Whether others than TCP are measured. */
  readonly others?: boolean;
  /** What is measured; undefined: TCP. */
  readonly asked?: readonly ProtocolWord[] | undefined;
  /** Whether what is filtered out is of other protocols: no host, port or owner was chosen. */
  readonly isByProtocolAlone?: boolean | undefined;
  /** Flows in the map, and those of them seen in one direction only. */
  readonly flows: number;
  readonly flowsWaiting: number;
  /** Flows ever seen in both directions; undefined where the counters are not of the whole run. */
  readonly opened?: number | undefined;
}

/** So long without a sample is worth a word. */
const SILENCE_MS = 5_000;

/** Notices when no sample comes; says so once, and again when the reason has become another. */
export class SilenceWatch {
  #before: Counters;
  #since: number;
  #told: Reason | undefined;

  constructor(counters: Counters, nowMs: number) {
    this.#before = counters;
    this.#since = nowMs;
  }

  /** @returns what is to be told, if anything */
  look(look: Look, nowMs: number): Silence | undefined {
    const counters = since(this.#before, look.counters);
    // A resolver that is asked now and then is no silence: it may be all that there is to be told.
    if (look.counters.dnsAnswered > 0) return undefined;
    const isSilent = samplesIn(counters) === 0;
    if (isSilent && nowMs - this.#since < SILENCE_MS) return undefined;
    this.#before = look.counters;
    this.#since = nowMs;
    if (!isSilent) return undefined;
    const silence = explainSilence({ ...look, counters });
    if (!silence || silence.reason === this.#told) return undefined;
    this.#told = silence.reason;
    return silence;
  }

  /** At the end of a run. @returns what is to be told of all of it, if it was not told before */
  lookBack(look: Look): Silence | undefined {
    const silence = explainSilence(look);
    return silence?.reason === this.#told ? undefined : silence;
  }
}

/** Why there was none in all that was counted; undefined where there was one. */
export function explainSilence(look: Look): Silence | undefined {
  const { counters, source, tunnels, others = false, asked, isByProtocolAlone } = look;
  if (samplesIn(counters) > 0) return undefined;
  const reason = reasonFor(look);
  return { reason, source, tunnels, others, asked, isByProtocolAlone, counters };
}

function samplesIn({ matched, handshakeMatched, spinMatched, dnsAnswered }: Counters): number {
  return matched + handshakeMatched + spinMatched + dnsAnswered;
}

/** Those of which the header was read, of TCP or what else is measured. */
export function tcpIn(counters: Counters): number {
  return packetsIn(counters) - counters.notIp - counters.notTcp - unreadableIn(counters);
}

/** Those that may have one. */
function unreadableIn({ fragment, malformed, truncated }: Counters): number {
  return fragment + malformed + truncated;
}

interface Facts extends Look, Counters {
  readonly packets: number;
  readonly tcp: number;
  readonly unreadable: number;
  /** TCP with timestamps that the filter let through, beyond handshakes and resets. */
  readonly established: number;
  /** Of those, what a flow's state shows; of the others nobody knows the direction. */
  readonly followed: number;
}

function reasonFor(look: Look): Reason {
  const facts = factsOf(look);
  return RULES.find(([, holds]) => holds(facts))?.[0] ?? 'no data';
}

function factsOf(look: Look): Facts {
  const { counters } = look;
  const { filtered, noTimestamp, reset, handshake, lingering, flowMapFull } = counters;
  const tcp = tcpIn(counters);
  const established = tcp - filtered - noTimestamp - reset - handshake;
  const followed = established - lingering - flowMapFull;
  const packets = packetsIn(counters);
  const unreadable = unreadableIn(counters);
  return { ...look, ...counters, packets, tcp, unreadable, established, followed };
}

/** From what keeps everything out to what keeps the last bit out: the first that holds is the reason. */
const RULES: readonly (readonly [Reason, (facts: Facts) => boolean])[] = [
  ['no packets', ({ packets }) => packets === 0],
  ['not read', ({ tcp, unreadable }) => tcp === 0 || unreadable > tcp],
  ['filtered', ({ tcp, filtered }) => tcp === filtered],
  [
    'no timestamps',
    ({ established, noTimestamp, handshake, reset }) =>
      established === 0 && noTimestamp > 0 && noTimestamp >= Math.max(handshake, reset),
  ],
  [
    'handshakes only',
    ({ established, handshake, reset }) => established === 0 && handshake > 0 && handshake >= reset,
  ],
  ['resets only', ({ established }) => established === 0],
  [
    'maps full',
    ({ remembered, flowMapFull, timestampMapFull, followed }) =>
      remembered === 0 && (flowMapFull > followed || timestampMapFull > 0),
  ],
  ['one direction', isOneDirection],
  ['no spin', ({ noSpin, followed }) => noSpin > 0 && noSpin === followed],
  ['unanswered', ({ remembered }) => remembered > 0],
  ['rate-limited', ({ rateLimited }) => rateLimited > 0],
  ['local only', ({ local }) => local > 0],
  ['nothing new', ({ identifierNotNew }) => identifierNotNew > 0],
];

/** Of a whole run, what has opened shows it; of a part of one, the map, which still has what goes on. */
function isOneDirection(facts: Facts): boolean {
  const { opened, flows, flowsWaiting, followed, tcp, filtered, unreadable, handshake } = facts;
  const others = tcp - filtered - handshake - facts.reset - followed + unreadable;
  if (followed <= others) return false;
  if (opened !== undefined) return opened === 0 && facts.flowEventsLost === 0;
  return flows > 0 && flowsWaiting === flows;
}
