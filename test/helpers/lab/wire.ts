/**
 * RTTs of a capture, by the rules of docs/measurement.md and by none of pping's code: tcpdump reads
 * the packets, and what follows them here is written for clarity, with a memory that forgets nothing.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** One connection, seen from the client. */
export interface WireFlow {
  /** Of the data that the client sent, handshake first, in ns; in the order of the answers. */
  readonly rtts: readonly number[];
  /** Of the same, which TSval was answered. */
  readonly tsvals: readonly number[];
  /** By TSval, from its first data to what acknowledges that first, whatever may be concluded from it. */
  readonly least: ReadonlyMap<number, number>;
  /** Of the client's timestamps, in ticks per second. */
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
  readonly tsval: number;
  readonly tsecr: number;
}

const MAX_TEXT = 1 << 30;

/**
 * Every connection whose SYN is in the capture, by `client.port > server.port`.
 * @param filter which packets, in tcpdump's language
 */
export async function wireFlows(capture: string, filter: string): Promise<Map<string, WireFlow>> {
  const flows = new Map<string, Tracker>();
  for (const packet of await readPackets(capture, filter)) {
    const outward = `${packet.from} > ${packet.to}`;
    if (packet.isSyn && !packet.hasAck && !flows.has(outward)) flows.set(outward, new Tracker());
    flows.get(outward)?.sent(packet);
    flows.get(`${packet.to} > ${packet.from}`)?.received(packet);
  }
  return flows;
}

/** What has been sent, and not acknowledged. */
type Waiting = Pick<Packet, 'ns' | 'seq' | 'tsval'>;

/** The rules of docs/measurement.md: one identifier waits for whatever acknowledges it, the others for their echo. */
class Tracker implements WireFlow {
  readonly rtts: number[] = [];
  readonly tsvals: number[] = [];
  readonly least = new Map<number, number>();
  readonly #unacknowledged = new Set<Waiting>();
  readonly #seen = new Set<number>();
  #one: Waiting | undefined;
  readonly #others = new Map<number, Waiting>();
  #first: Packet | undefined;
  #last: Packet | undefined;
  #next = 0;
  #acknowledged: number | undefined;

  get clockHz(): number {
    if (!this.#first || !this.#last) return Number.NaN;
    const ticks = (this.#last.tsval - this.#first.tsval) >>> 0;
    return ticks / (Number(this.#last.ns - this.#first.ns) / 1e9);
  }

  sent(packet: Packet): void {
    const { seq, payload, isSyn, isFin, tsval } = packet;
    const isAlone = this.#last?.tsval !== tsval;
    this.#first ??= packet;
    this.#last = packet;
    const length = payload + (isSyn || isFin ? 1 : 0);
    if (length === 0 || (!isSyn && isBefore(seq, this.#next))) return;
    this.#next = (seq + length) >>> 0;
    if (this.#seen.has(tsval)) return;
    this.#seen.add(tsval);
    this.#unacknowledged.add(packet);
    if (this.#one === undefined) this.#one = packet;
    else if (isAlone) this.#others.set(tsval, packet);
  }

  received({ ns, hasAck, ack, tsecr }: Packet): void {
    if (!hasAck) return;
    for (const waiting of this.#unacknowledged) {
      if (!isBefore(waiting.seq, ack)) continue;
      this.#unacknowledged.delete(waiting);
      this.least.set(waiting.tsval, Number(ns - waiting.ns));
    }
    const [one, other] = [this.#one, this.#others.get(tsecr)];
    if (one && isBefore(one.seq, ack)) {
      this.#one = undefined;
      // A newer echo: an acknowledgement before it was lost.
      if (!isBefore(one.tsval, tsecr)) this.#answer(one, ns);
    }
    if (other && isBefore(other.seq, ack)) {
      this.#others.delete(tsecr);
      const isFirst = this.#acknowledged === undefined || !isBefore(other.seq, this.#acknowledged);
      if (isFirst) this.#answer(other, ns);
    }
    if (this.#acknowledged === undefined || isBefore(this.#acknowledged, ack)) {
      this.#acknowledged = ack;
    }
  }

  #answer({ ns, tsval }: Waiting, answered: bigint): void {
    this.rtts.push(Number(answered - ns));
    this.tsvals.push(tsval);
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
  /^(\d+)\.(\d{9}) IP6? (\S+) > (\S+): Flags \[([^\]]+)\](?:, cksum [^,]+)?(?:, seq (\d+)(?::\d+)?)?(?:, ack (\d+))?.*TS val (\d+) ecr (\d+).*, length (\d+)/;

function readPacket(line: string): Packet {
  const found = LINE.exec(line);
  if (!found) throw new Error(`not a TCP packet with timestamps: ${line}`);
  const [, seconds = '', ns = '', from = '', to = '', flags = '', ...numbers] = found;
  const [seq = 0, ack = 0, tsval = 0, tsecr = 0, payload = 0] = numbers.map(Number);
  return {
    ns: BigInt(seconds + ns),
    from,
    to,
    seq,
    ack,
    payload,
    tsval,
    tsecr,
    isSyn: flags.includes('S'),
    isFin: flags.includes('F'),
    hasAck: numbers[1] !== undefined,
  };
}
