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

class Tracker implements WireFlow {
  readonly rtts: number[] = [];
  /** By TSval, of the first packet with new data (or a FIN) that had it; empty once it is answered. */
  readonly #sent = new Map<number, Pick<Packet, 'ns' | 'seq'> | undefined>();
  #first: Packet | undefined;
  #last: Packet | undefined;
  #next = 0;

  get clockHz(): number {
    if (!this.#first || !this.#last) return Number.NaN;
    const ticks = (this.#last.tsval - this.#first.tsval) >>> 0;
    return ticks / (Number(this.#last.ns - this.#first.ns) / 1e9);
  }

  sent(packet: Packet): void {
    const { ns, seq, payload, isSyn, isFin, tsval } = packet;
    this.#first ??= packet;
    this.#last = packet;
    const length = payload + (isSyn || isFin ? 1 : 0);
    const isRepeated = !isSyn && isBefore(seq, this.#next);
    if (length === 0 || isRepeated) return;
    if (!this.#sent.has(tsval)) this.#sent.set(tsval, { ns, seq });
    this.#next = (seq + length) >>> 0;
  }

  received({ ns, hasAck, ack, tsecr }: Packet): void {
    const asked = this.#sent.get(tsecr);
    if (!hasAck || !asked || !isBefore(asked.seq, ack)) return;
    this.#sent.set(tsecr, undefined);
    this.rtts.push(Number(ns - asked.ns));
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
    ...{ from, to, seq, ack, payload, tsval, tsecr },
    isSyn: flags.includes('S'),
    isFin: flags.includes('F'),
    hasAck: numbers[1] !== undefined,
  };
}
