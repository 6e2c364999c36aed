/**
 * RTTs of a capture, by the rules of docs/measurement.md and by none of pping's code: tcpdump reads
 * the packets, and what follows them here is written for clarity, with a memory that forgets nothing.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** One direction of a connection, seen from the end that sends. */
export interface WireFlow {
  /** Of the data that it sent, handshake first, in ns; in the order of the answers. */
  readonly rtts: readonly number[];
  /** Of the same, which identifier was answered: a TSval, or where there are none a sequence number. */
  readonly identifiers: readonly number[];
  /** By identifier, from its first data to what acknowledges that first, whatever may be concluded from it. */
  readonly least: ReadonlyMap<number, number>;
  /** How many segments. */
  readonly sentAgain: number;
  /** Of its timestamps, in ticks per second. */
  readonly clockHz: number;
}

interface Packet {
  readonly ns: bigint;
  readonly from: string;
  readonly to: string;
  readonly isSyn: boolean;
  readonly isFin: boolean;
  readonly hasAck: boolean;
  readonly seq: number;
  readonly ack: number;
  readonly payload: number;
  /** Of the timestamp option. */
  readonly tsval: number | undefined;
  readonly tsecr: number | undefined;
}

const MAX_TEXT = 1 << 30;

/**
 * Every connection whose handshake is in the capture, both ways, by `sender.port > receiver.port`.
 * @param filter which packets, in tcpdump's language
 */
export async function wireFlows(capture: string, filter: string): Promise<Map<string, WireFlow>> {
  const flows = new Map<string, Tracker>();
  for (const packet of await readPackets(capture, filter)) {
    const outward = `${packet.from} > ${packet.to}`;
    if (packet.isSyn && !flows.has(outward)) flows.set(outward, new Tracker());
    flows.get(outward)?.sent(packet);
    flows.get(`${packet.to} > ${packet.from}`)?.received(packet);
  }
  return flows;
}

/** What has been sent, and not acknowledged. */
type Waiting = Pick<Packet, 'ns' | 'seq' | 'tsval'>;

function identifierOf({ tsval, seq }: Waiting): number {
  return tsval ?? seq;
}

/**
 * The rules of docs/measurement.md: one identifier waits for whatever acknowledges it, the others for their
 * echo. Without timestamps there are no others, and none at all while data is sent again.
 */
class Tracker implements WireFlow {
  readonly rtts: number[] = [];
  readonly identifiers: number[] = [];
  readonly least = new Map<number, number>();
  sentAgain = 0;
  readonly #unacknowledged = new Set<Waiting>();
  readonly #seen = new Set<number>();
  #hasBegun = false;
  #one: Waiting | undefined;
  readonly #others = new Map<number, Waiting>();
  #first: Packet | undefined;
  #last: Packet | undefined;
  #next = 0;
  #acknowledged: number | undefined;
  /** Up to where it had been sent when something was sent again. */
  #recovering: number | undefined;

  get clockHz(): number {
    if (!this.#first || !this.#last) return Number.NaN;
    const ticks = ((this.#last.tsval ?? 0) - (this.#first.tsval ?? 0)) >>> 0;
    return ticks / (Number(this.#last.ns - this.#first.ns) / 1e9);
  }

  sent(packet: Packet): void {
    const { seq, payload, isSyn, isFin, tsval } = packet;
    const isAlone = tsval !== undefined && this.#last?.tsval !== tsval;
    this.#first ??= packet;
    this.#last = packet;
    const length = payload + (isSyn || isFin ? 1 : 0);
    if (length === 0) return;
    if (isSyn ? this.#hasBegun : isBefore(seq, this.#next)) {
      this.sentAgain++;
      if (tsval === undefined) this.#forget();
      if (!isSyn) return;
    }
    this.#hasBegun = true;
    this.#next = (seq + length) >>> 0;
    const identifier = identifierOf(packet);
    if (this.#seen.has(identifier)) return;
    // What answers a SYN acknowledges no data: that of the same tick is still to be told apart.
    if (!isSyn) this.#seen.add(identifier);
    this.#unacknowledged.add(packet);
    if (this.#recovering !== undefined) return;
    if (this.#one === undefined) this.#one = packet;
    else if (isAlone) this.#others.set(identifier, packet);
  }

  received({ ns, hasAck, ack, tsecr }: Packet): void {
    if (!hasAck) return;
    for (const waiting of this.#unacknowledged) {
      if (!isBefore(waiting.seq, ack)) continue;
      this.#unacknowledged.delete(waiting);
      this.least.set(identifierOf(waiting), Number(ns - waiting.ns));
    }
    const one = this.#one;
    if (one && isBefore(one.seq, ack)) {
      this.#one = undefined;
      // A newer echo: an acknowledgement before it was lost.
      if (!isBefore(one.tsval ?? 0, tsecr ?? 0)) this.#answer(one, ns);
    }
    if (tsecr !== undefined) this.#receivedEcho(ns, ack, tsecr);
    if (this.#acknowledged === undefined || isBefore(this.#acknowledged, ack)) {
      this.#acknowledged = ack;
    }
    if (this.#recovering !== undefined && !isBefore(ack, this.#recovering)) {
      this.#recovering = undefined;
    }
  }

  #receivedEcho(ns: bigint, ack: number, tsecr: number): void {
    const other = this.#others.get(tsecr);
    if (!other || !isBefore(other.seq, ack)) return;
    this.#others.delete(tsecr);
    const isFirst = this.#acknowledged === undefined || !isBefore(other.seq, this.#acknowledged);
    if (isFirst) this.#answer(other, ns);
  }

  #forget(): void {
    this.#one = undefined;
    this.#recovering = this.#next;
  }

  #answer(answered: Waiting, ns: bigint): void {
    this.rtts.push(Number(ns - answered.ns));
    this.identifiers.push(identifierOf(answered));
  }
}

/** Sequence numbers go round. */
function isBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}

async function readPackets(capture: string, filter: string): Promise<Packet[]> {
  const exact = ['-nn', '-S', '-tt', '--time-stamp-precision=nano'];
  const { stdout } = await promisify(execFile)('tcpdump', ['-r', capture, ...exact, filter], {
    maxBuffer: MAX_TEXT,
  });
  // A RST answers nothing, and most have no timestamps.
  const lines = stdout.split('\n').slice(0, -1);
  return lines.filter((line) => !line.includes('Flags [R')).map(readPacket);
}

const LINE =
  /^(\d+)\.(\d{9}) IP6? (\S+) > (\S+): Flags \[([^\]]+)\](?:, cksum [^,]+)?(?:, seq (\d+)(?::\d+)?)?(?:, ack (\d+))?(?:.*TS val (\d+) ecr (\d+))?.*, length (\d+)/;

function readPacket(line: string): Packet {
  const found = LINE.exec(line);
  if (!found) throw new Error(`not a TCP packet: ${line}`);
  const [, seconds = '', ns = '', from = '', to = '', flags = '', ...numbers] = found;
  const [seq, ack, tsval, tsecr, payload] = numbers.map((text) =>
    text === undefined ? undefined : Number(text),
  );
  return {
    ns: BigInt(seconds + ns),
    from,
    to,
    seq: seq ?? 0,
    ack: ack ?? 0,
    payload: payload ?? 0,
    tsval,
    tsecr,
    isSyn: flags.includes('S'),
    isFin: flags.includes('F'),
    hasAck: numbers[1] !== undefined,
  };
}
