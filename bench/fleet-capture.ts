/** A capture of requests and replies to hosts of many networks, as a busy machine sees them; the same each time. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { type End, tcpFrame } from '../lab/kernel/packets.js';
import { Random } from '../lab/random.js';

export interface Traffic {
  readonly networks: number;
  readonly hostsInEach: number;
  readonly seconds: number;
}

export const CLIENT = '10.0.0.1';

const START_S = 1_790_000_000;
const NANOSECONDS = 0xa1b23c4d;
const SNAP_LENGTH = 96;
const RECORD_BYTES = 16;
const REQUEST = 200;
const REPLY = 1_000;
/** From an answer to its acknowledgement by the machine itself. */
const OWN_NS = 40_000;
const NS = 1e9;
/** Whole numbers below, for fractions. */
const FINE = 1 << 30;

interface Packet {
  readonly ns: number;
  readonly frame: Buffer;
}

/**
 * Writes it: one connection to each host, with a request and its reply in each second. Distances of networks are
 * log-normal around 30 ms; queues add an exponential tenth of that.
 */
export function writeFleetCapture(path: string, traffic: Traffic): void {
  const fd = openSync(path, 'w');
  const header = Buffer.alloc(24);
  for (const [at, word] of [NANOSECONDS, 0x00040002, 0, 0, SNAP_LENGTH, 1].entries()) {
    header.writeUInt32LE(word, at * 4);
  }
  writeSync(fd, header);
  const hosts = hostsOf(traffic);
  let waiting: Packet[] = [];
  for (let second = 0; second < traffic.seconds; second++) {
    waiting.push(...hosts.flatMap((host) => host.exchange(second)));
    waiting.sort((a, b) => a.ns - b.ns);
    const next = (second + 1) * NS;
    writeSync(fd, Buffer.concat(waiting.filter(({ ns }) => ns < next).map(recordOf)));
    waiting = waiting.filter(({ ns }) => ns >= next);
  }
  writeSync(fd, Buffer.concat(waiting.map(recordOf)));
  closeSync(fd);
}

function hostsOf({ networks, hostsInEach }: Traffic): Host[] {
  const random = new Random(1);
  return Array.from({ length: networks }, (_, network) => {
    const distance = 30e6 * Math.exp(0.8 * normal(random));
    return Array.from({ length: hostsInEach }, (_, host) => {
      const address = `198.${18 + (network >> 8)}.${network & 255}.${1 + host}`;
      return new Host(
        address,
        32_768 + ((network * hostsInEach + host) % 28_000),
        distance,
        random,
      );
    });
  }).flat();
}

class Host {
  readonly #client: End;
  readonly #server: End;
  #requests = 0;

  constructor(
    address: string,
    port: number,
    readonly distance: number,
    readonly random: Random,
  ) {
    this.#client = { address: CLIENT, port };
    this.#server = { address, port: 443 };
  }

  exchange(second: number): Packet[] {
    const asked = second * NS + this.random.below(NS);
    const answered = asked + this.distance * (1 - 0.1 * Math.log(uniform(this.random)));
    const acknowledged = answered + OWN_NS + this.random.below(OWN_NS);
    const [seq, ack] = [1 + this.#requests * REQUEST, 1 + this.#requests * REPLY];
    this.#requests++;
    const tsval = millisecondsOf(asked);
    const theirs = millisecondsOf(answered);
    const replied = { seq: ack, ack: seq + REQUEST, tsval: theirs, tsecr: tsval, payload: REPLY };
    const last = { seq: seq + REQUEST, ack: ack + REPLY, tsval: millisecondsOf(acknowledged) };
    return [
      this.#packet(asked, true, { seq, ack, tsval, tsecr: 1, payload: REQUEST }),
      this.#packet(answered, false, replied),
      this.#packet(acknowledged, true, { ...last, tsecr: theirs }),
    ];
  }

  #packet(ns: number, isOwn: boolean, segment: Parameters<typeof tcpFrame>[2]): Packet {
    const [from, to] = isOwn ? [this.#client, this.#server] : [this.#server, this.#client];
    return { ns, frame: tcpFrame(from, to, segment) };
  }
}

function recordOf({ ns, frame }: Packet): Buffer {
  const captured = frame.subarray(0, SNAP_LENGTH);
  const record = Buffer.alloc(RECORD_BYTES + captured.length);
  const words = [START_S + Math.floor(ns / NS), Math.floor(ns % NS), captured.length, frame.length];
  for (const [at, word] of words.entries()) record.writeUInt32LE(word, at * 4);
  captured.copy(record, RECORD_BYTES);
  return record;
}

function millisecondsOf(ns: number): number {
  return 1_000 + Math.floor(ns / 1e6);
}

/** Above 0, and 1 at most. */
function uniform(random: Random): number {
  return (1 + random.below(FINE)) / FINE;
}

function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(uniform(random)));
  return radius * Math.cos(2 * Math.PI * uniform(random));
}
