// Requests of many flows that leave an interface, and answers that come in: made in the kernel, so many a second.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type End, type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { repositoryRoot } from '../../lab/places.js';
import { findInterface } from '../../src/libbpf/interfaces.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { runProgram } from '../../src/libbpf/run-program.js';
import type { HookName } from '../programs.js';

/** Exchanges a second, of all flows together: the reader has no difficulty with so many events. */
const PACE = 10_000;
/** Of flows that are met, which is not measured. */
const MEETING_PACE = 20_000;
/** Exchanges of each flow that is met. */
const MEETINGS = 2;
/** Requests that wait for their answers, or those of half of the flows: by then the caches have seen others. */
const WAITING = 10_000;
/** Packets at a time, at most. What comes in is queued until all have been made, and the queue has an end. */
const PORTION = 100;
const PAYLOAD = 100;
/** Of the first exchange: nothing that a flow has not yet. */
const FIRST_TSVAL = 1_000;
const CLIENT: End = { address: '192.0.2.1', port: 40_000 };
/** Of any flow; each has one of its own, whose address takes the place of this. */
const SERVER: End = { address: '10.0.0.0', port: 443 };
/** Of an IPv4 packet in Ethernet. */
const ADDRESS = { source: 26, destination: 30 } as const;
const INTERFACE_ADDRESS = '02:00:00:00:00:01';
/** struct __sk_buff (linux/bpf.h) */
const SKB = { size: 192, ifindex: 40, cb: 48 } as const;
/** bpf_clone_redirect() */
const BPF_F_INGRESS = 1;

const HOOKS = ['egress', 'ingress'] as const;

/** Of one packet each. */
interface Portion {
  readonly hook: HookName;
  readonly frame: Buffer;
  /** Flows, in the order in which they have turns. */
  readonly first: number;
  readonly count: number;
}

export class ManyFlows {
  readonly interfaceName = 'scale0';
  readonly index: number;
  readonly #object = new BpfObject(join(repositoryRoot, 'dist/bench/scale/packets.o'));
  #portions: Generator<Portion> = this.#exchanges(0);

  /** Makes an interface in the network namespace of this process. */
  constructor(readonly flows: number) {
    makeInterface(this.interfaceName);
    this.index = findInterface(this.interfaceName).index;
    this.#object.load(['send_portion']);
  }

  /** Begins all flows. Each soon has a second exchange: what has none may be a flood, and is not kept for long. */
  async meet(): Promise<void> {
    await this.#send(this.#meetings(), Number.POSITIVE_INFINITY, MEETING_PACE);
    this.#portions = this.#exchanges(MEETINGS);
  }

  /** Flows ask and are answered, in turns, for so many whole seconds. */
  async play(seconds: number): Promise<void> {
    await this.#send(this.#portions, seconds * PACE, PACE);
  }

  close(): void {
    this.#object.close();
  }

  *#meetings(): Generator<Portion> {
    for (let first = 0; first < this.flows; first += PORTION) {
      const count = Math.min(PORTION, this.flows - first);
      for (let number = 0; number < MEETINGS; number++) {
        const frames = framesOf(number);
        for (const hook of HOOKS) yield { hook, frame: frames[hook], first, count };
      }
    }
  }

  /** Without an end. @param start the number of each flow's first exchange: it had those before */
  *#exchanges(start: number): Generator<Portion> {
    const waiting = Math.min(WAITING, this.flows / 2);
    const count = Math.min(PORTION, waiting);
    for (let turn = 0; ; turn += count) {
      yield this.#portion('egress', start, turn, count);
      if (turn >= waiting) yield this.#portion('ingress', start, turn - waiting, count);
    }
  }

  #portion(hook: HookName, start: number, turn: number, count: number): Portion {
    const number = start + Math.floor(turn / this.flows);
    return { hook, frame: framesOf(number)[hook], first: turn % this.flows, count };
  }

  /** @param most exchanges; what is left of the portions stays for the next call */
  async #send(portions: Iterator<Portion>, most: number, pace: number): Promise<void> {
    const start = performance.now();
    for (let packets = 0; packets < 2 * most; ) {
      const { value: portion, done } = portions.next();
      if (done) return;
      this.#sendPortion(portion);
      packets += portion.count;
      const earlyMs = (1_000 * packets) / (2 * pace) - (performance.now() - start);
      if (earlyMs >= 1) await sleep(earlyMs);
    }
  }

  #sendPortion({ hook, frame: data, first, count }: Portion): void {
    const [address, flags] =
      hook === 'egress' ? [ADDRESS.destination, 0] : [ADDRESS.source, BPF_F_INGRESS];
    const context = Buffer.alloc(SKB.size);
    context.writeUInt32LE(this.index, SKB.ifindex);
    const order = [first, count, this.flows, address, flags];
    for (const [at, word] of order.entries()) context.writeUInt32LE(word, SKB.cb + 4 * at);
    runProgram(this.#object.program('send_portion'), { data, context });
  }
}

/** A request and its answer, with a TSval that no exchange of a flow had before. */
function framesOf(number: number): Record<HookName, Buffer> {
  const [tsval, seq, payload] = [FIRST_TSVAL + number, 1 + number * PAYLOAD, PAYLOAD];
  const request: Segment = { seq, ack: seq, tsval, tsecr: tsval - 1, payload };
  const answer: Segment = { seq, ack: seq + payload, tsval, tsecr: tsval, payload };
  const arriving = tcpFrame(SERVER, CLIENT, answer);
  Buffer.from(INTERFACE_ADDRESS.replaceAll(':', ''), 'hex').copy(arriving);
  return { egress: tcpFrame(CLIENT, SERVER, request), ingress: arriving };
}

function makeInterface(name: string): void {
  const ip = (...args: string[]) => execFileSync('ip', args);
  const peer = ['peer', 'name', `${name}p`];
  ip('link', 'add', name, 'address', INTERFACE_ADDRESS, 'type', 'veth', ...peer);
  for (const each of [name, `${name}p`]) ip('link', 'set', each, 'up');
}
