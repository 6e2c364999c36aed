/**
 * Which sockets flows belong to, by where both are in the connection's sequence spaces: NAT changes addresses and ports,
 * and leaves sequence numbers as they are.
 *
 * A flow is looked at before all sockets are, and after. What it has seen before, its socket has already sent, or had
 * received; what its socket has had acknowledged, or received, the flow has seen afterwards. So of a connection at rest
 * both numbers are known exactly, and of others they are between two bounds.
 */
import type {
  OpenConnections,
  OpenConnectionView,
  SocketOwner,
} from '../attribution/open-connection.js';
import { ENDS, type End, type UnownedFlow, type Verdict } from '../attribution/unowned-flow.js';
import { type Bounds, distance, isIndexable, SequenceIndex } from './sequence-index.js';

/**
 * What must not happen more often to a flow whose own socket is not there: that another one fits by chance. Of the 2^64
 * pairs of sequence numbers so many may do.
 */
export const MOST_CHANCE = 1e-6;
const PAIRS = 2 ** 64;

/** What keep-alives and probes of a closed window repeat: they are sent from before what was acknowledged. */
const REPEATED = 1;
/** Whether a socket may be the one of a connection that is asked for. */
export type IsWanted = (owner: SocketOwner) => boolean;

/** Of one end a socket was found, which is not asked for. The other may be on this machine, and not open yet. */
interface Unwanted {
  readonly flow: UnownedFlow;
  readonly is: 'unwanted';
}

export type Found = Verdict | Unwanted;

/** One end of a flow, as it would be if a socket of this machine were there. */
interface Side {
  readonly flow: UnownedFlow;
  readonly end: End;
  /** What it has sent at least, and had acknowledged at most. */
  readonly sent: Bounds;
  /** What it has received at least, and at most; or had acknowledged, where the other end was not seen. */
  readonly received: Bounds;
  readonly isByAck: boolean;
  /** By cookie; of more than two it is enough to know that they are. */
  readonly fits: Map<bigint, Fit>;
  /** The last socket that was compared. */
  seen: number;
}

interface Fit {
  owner: SocketOwner;
  readonly place: string;
  /** How many sockets might fit by chance, were there 2^64. */
  readonly pairs: number;
  readonly isAtBothEnds: boolean;
}

/**
 * What is to be done with each flow that is in both lists; those that are left out have none that fits, or more than
 * one, or move too fast to tell.
 * @param before as the flows were before the walk
 * @param after as they were when it was over; the verdicts are about these
 */
export function findBySequence(
  before: readonly UnownedFlow[],
  sockets: OpenConnections,
  after: readonly UnownedFlow[],
  isWanted?: IsWanted,
): Found[] {
  const earlier = new Map(before.map((flow) => [flow.id, flow]));
  const sides = after.map((flow) => ENDS.flatMap((end) => sideOf(earlier.get(flow.id), flow, end)));
  const index = new Index(sides.flat());
  const listening = new Set<string>();
  sockets.forEach((socket) => {
    if (socket.isListening) listening.add(socket.place);
    else index.compare(socket);
  });
  return sides.flatMap((ends) => verdict(ends, sockets.count, listening, isWanted));
}

/** None where too little is known. */
function sideOf(before: UnownedFlow | undefined, after: UnownedFlow, end: End): Side[] {
  if (!before) return [];
  const other: End = end === 0 ? 1 : 0;
  const [own, peer] = [before.sent[end], before.sent[other]];
  const [ownAfter, peerAfter] = [after.sent[end], after.sent[other]];
  const isByAck = peerAfter.nextSeq === undefined;
  const sent = bounds(
    latest(own.nextSeq, peer.ack),
    earliest(beyond(ownAfter.nextSeq), peerAfter.ack),
  );
  const received = bounds(
    own.ack ?? peer.nextSeq,
    isByAck ? ownAfter.ack : beyond(peerAfter.nextSeq),
  );
  if (!sent || !received) return [];
  return [{ flow: after, end, sent, received, isByAck, fits: new Map(), seen: 0 }];
}

function bounds(low: number | undefined, high: number | undefined): Bounds | undefined {
  return low === undefined || high === undefined ? undefined : { low, high };
}

function latest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return distance(one, other) > 0 ? other : one;
}

function earliest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return distance(one, other) < 0 ? other : one;
}

function beyond(seq: number | undefined): number | undefined {
  return seq === undefined ? undefined : (seq + REPEATED) >>> 0;
}

/** The sides by the one of their two spaces in which they are narrow; who is in none could be told from nobody. */
class Index {
  readonly #bySent: SequenceIndex<Side>;
  readonly #byReceived: SequenceIndex<Side>;
  #sockets = 0;

  constructor(sides: readonly Side[]) {
    const isNarrowlySent = ({ sent }: Side) => isIndexable(sent);
    this.#bySent = new SequenceIndex(sides.filter(isNarrowlySent), ({ sent }) => sent);
    this.#byReceived = new SequenceIndex(
      sides.filter((side) => !isNarrowlySent(side) && isIndexable(side.received)),
      ({ received }) => received,
    );
  }

  /** Each side that it fits gets it. */
  compare(socket: OpenConnectionView): void {
    this.#sockets++;
    const compare = (side: Side) => {
      if (side.seen === this.#sockets) return;
      side.seen = this.#sockets;
      if (fits(side, socket)) note(side, socket);
    };
    this.#bySent.forEachNear(socket.sndUna, socket.sndNxt, compare);
    this.#byReceived.forEachNear(socket.rcvWup, socket.rcvNxt, compare);
  }
}

function fits({ sent, received, isByAck }: Side, socket: OpenConnectionView): boolean {
  return (
    distance(sent.low, socket.sndNxt) >= 0 &&
    distance(socket.sndUna, sent.high) >= 0 &&
    distance(received.low, socket.rcvNxt) >= 0 &&
    distance(isByAck ? socket.rcvWup : socket.rcvNxt, received.high) >= 0
  );
}

/** A socket that several processes have open comes again. */
function note(side: Side, socket: OpenConnectionView): void {
  const { cookie } = socket;
  const known = side.fits.get(cookie);
  if (known) known.owner = firstOf(known.owner, socket.owner());
  else if (side.fits.size < 2) side.fits.set(cookie, fitOf(side, socket));
}

function fitOf(side: Side, socket: OpenConnectionView): Fit {
  const { flow, end, sent, received, isByAck } = side;
  const other: End = end === 0 ? 1 : 0;
  const inFlight = distance(socket.sndUna, socket.sndNxt);
  const unacknowledged = isByAck ? distance(socket.rcvWup, socket.rcvNxt) : 0;
  return {
    owner: socket.owner(),
    place: socket.place,
    pairs: widthOf(sent, inFlight) * widthOf(received, unacknowledged),
    isAtBothEnds:
      socket.isAt(0, flow.addresses[end], flow.ports[end]) &&
      socket.isAt(1, flow.addresses[other], flow.ports[other]),
  };
}

/** Of how many sequence numbers each would do. */
function widthOf({ low, high }: Bounds, more: number): number {
  return Math.max(1, distance(low, high) + more + 1);
}

/** As ownerOf() of socket-process.ts. */
function firstOf(one: SocketOwner, other: SocketOwner): SocketOwner {
  if ((one.pid === INIT) !== (other.pid === INIT)) return one.pid === INIT ? other : one;
  return other.started < one.started ? other : one;
}

const INIT = 1;

/** At most one. */
function verdict(
  sides: readonly Side[],
  sockets: number,
  listening: ReadonlySet<string>,
  isWanted: IsWanted | undefined,
): Found[] {
  const found = sides.filter(({ fits }) => fits.size > 0);
  const candidates: { side: Side; fit: Fit }[] = [];
  for (const side of found) {
    const [fit, another] = side.fits.values();
    if (!fit || another || !isNarrow(fit, sockets)) return [];
    candidates.push({ side, fit });
  }
  const [first] = candidates;
  if (!first) return [];
  const { flow } = first.side;
  const wanted = candidates.filter(({ fit }) => isWanted?.(fit.owner) !== false);
  if (wanted.length === 0) return [{ flow, is: candidates.length === 1 ? 'unwanted' : 'refused' }];
  const chosen = wanted.length === 1 ? wanted[0] : opener(wanted, listening);
  return chosen ? [{ flow, is: 'owned', end: chosen.side.end, owner: chosen.fit.owner }] : [];
}

/** With both ends as on the wire it is one of the few that have these: one for each network namespace. */
function isNarrow({ pairs, isAtBothEnds }: Fit, sockets: number): boolean {
  return (pairs * (isAtBothEnds ? 1 : sockets)) / PAIRS <= MOST_CHANCE;
}

/** Of both ends the one that has connected: none listens at its port, and one does at the other's. */
function opener<Candidate extends { readonly fit: Fit }>(
  ends: readonly Candidate[],
  listening: ReadonlySet<string>,
): Candidate | undefined {
  const openers = ends.filter(({ fit }) => !listening.has(fit.place));
  return openers.length === 1 ? openers[0] : undefined;
}
