/** Queries of DNS, and what answers them. */
import { isIPv4 } from 'node:net';
import type { Random } from '../random.js';
import type { Encapsulation, End } from './packets.js';
import { udpFrame } from './udp-packets.js';

const CLASS_IN = 1;

export interface DnsMessage {
  readonly id: number;
  readonly response?: boolean;
  readonly opcode?: number;
  readonly truncated?: boolean;
  readonly rcode?: number;
  /** What is asked for, its labels; undefined: there is no question. */
  readonly name?: readonly string[] | undefined;
  /** AAAA is 28; default: A. */
  readonly type?: number;
  /** The counts of the header; default: one question where there is a name, and nothing else. */
  readonly questions?: number;
  readonly answers?: number;
  /** Bytes behind the question. */
  readonly rest?: Buffer;
}

export function dnsFrame(from: End, to: End, message: DnsMessage, around: Encapsulation = {}) {
  return udpFrame(from, to, dnsMessage(message), around);
}

function dnsMessage(message: DnsMessage): Buffer {
  const { id, response = false, opcode = 0, truncated = false, rcode = 0 } = message;
  const { name, questions = name ? 1 : 0, answers = 0 } = message;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header[2] = (response ? 0x80 : 0) | (opcode << 3) | (truncated ? 2 : 0) | 1;
  header[3] = rcode;
  header.writeUInt16BE(questions, 4);
  header.writeUInt16BE(answers, 6);
  const question = name ? questionBytes(name, message.type ?? 1) : Buffer.alloc(0);
  return Buffer.concat([header, question, message.rest ?? Buffer.alloc(0)]);
}

export function questionBytes(name: readonly string[], type: number): Buffer {
  const labels = name.map((label) => {
    const bytes = Buffer.from(label, 'latin1');
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...labels, Buffer.from([0, type >> 8, type & 0xff, 0, CLASS_IN])]);
}

const RESOLVERS = ['10.0.0.2', 'fd00::2'] as const;

/** Of few clients and few ids, so that what is sent meets what was. */
export function dns(random: Random, ids = 3): Buffer {
  const resolver = { address: RESOLVERS[random.below(2)] ?? '10.0.0.2', port: 53 };
  const address = isIPv4(resolver.address) ? '10.0.0.1' : 'fd00::1';
  const client = { address, port: 5000 + random.below(2) };
  const both = { id: random.below(ids), name: ['www', 'example'], type: random.below(2) ? 1 : 28 };
  if (random.below(2) === 0) return dnsFrame(client, resolver, both);
  const how = { response: true, rcode: random.below(6), truncated: random.below(8) === 0 };
  return dnsFrame(resolver, client, { ...both, ...how, answers: 1 });
}
