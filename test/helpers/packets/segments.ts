/**
 * The TCP segments of a capture as tcpdump writes it in the lab, read by none of pping's code; and the
 * same capture without TCP timestamps. pcap with nanoseconds, Ethernet, no other headers in between.
 */
import { PCAP_HEADER, PCAP_RECORD } from './captures.js';

export interface Segment {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** Of its direction: `address.port > address.port`. */
  readonly way: string;
  readonly back: string;
  readonly sourcePort: number;
  readonly destPort: number;
  readonly seq: number;
  /** Undefined without the flag. */
  readonly ack: number | undefined;
  /** What it takes of the sequence space: payload, SYN and FIN. */
  readonly length: number;
  readonly isSyn: boolean;
  readonly isReset: boolean;
  readonly tsval: number | undefined;
  readonly tsecr: number | undefined;
  /** Unscaled. */
  readonly window: number;
  readonly hasSack: boolean;
  /** Where its record lies in the capture. */
  readonly record: number;
}

const NANOSECONDS = 0xa1b23c4d;
const ETHERNET = 14;
const IPV4 = 0x0800;
const TCP = 20;
const FLAG = { fin: 1, syn: 2, rst: 4, ack: 16 };
const OPTION = { end: 0, nop: 1, sack: 5, timestamp: 8 };
const TIMESTAMP = 10;

/** In the order of the file. */
export function segmentsOf(capture: Buffer): Segment[] {
  return recordsOf(capture).map((record) => read(capture, record));
}

/** In the order of time: what two CPUs have captured need not be. */
export function inOrder(capture: Buffer): Buffer {
  const segments = segmentsOf(capture).sort((a, b) => Number(a.time - b.time));
  return withOnly(capture, segments);
}

export function withOnly(capture: Buffer, segments: readonly Segment[]): Buffer {
  const records = segments.map(({ record }) => capture.subarray(record, endOf(capture, record)));
  return Buffer.concat([capture.subarray(0, PCAP_HEADER), ...records]);
}

/** NOPs in place of each timestamp option, as if neither end had ever offered it. */
export function withoutTimestamps(capture: Buffer): Buffer {
  const stripped = Buffer.from(capture);
  for (const record of recordsOf(stripped)) {
    const { tcp } = headersOf(stripped, record);
    const at = findOption(stripped, tcp, OPTION.timestamp);
    if (at !== undefined) stripped.fill(OPTION.nop, at, at + TIMESTAMP);
  }
  return stripped;
}

/** Where each record lies. */
export function recordsOf(capture: Buffer): number[] {
  if (capture.readUInt32LE(0) !== NANOSECONDS) throw new Error('not a capture with nanoseconds');
  const records: number[] = [];
  for (let at = PCAP_HEADER; at < capture.length; at = endOf(capture, at)) records.push(at);
  return records;
}

export function endOf(capture: Buffer, record: number): number {
  return record + PCAP_RECORD + capture.readUInt32LE(record + 8);
}

/** Of IP, and where what it carries is. */
export interface Headers {
  readonly source: string;
  readonly dest: string;
  readonly tcp: number;
  /** From the TCP header on. */
  readonly bytes: number;
}

export function headersOf(capture: Buffer, record: number): Headers {
  const ip = record + PCAP_RECORD + ETHERNET;
  const hex = (from: number, to: number) => capture.toString('hex', ip + from, ip + to);
  if (capture.readUInt16BE(ip - 2) === IPV4) {
    const length = 4 * (capture.readUInt8(ip) & 15);
    const bytes = capture.readUInt16BE(ip + 2) - length;
    return { source: hex(12, 16), dest: hex(16, 20), tcp: ip + length, bytes };
  }
  return {
    source: hex(8, 24),
    dest: hex(24, 40),
    tcp: ip + 40,
    bytes: capture.readUInt16BE(ip + 4),
  };
}

function read(capture: Buffer, record: number): Segment {
  const { source, dest, tcp, bytes } = headersOf(capture, record);
  const [sourcePort, destPort] = [capture.readUInt16BE(tcp), capture.readUInt16BE(tcp + 2)];
  const flags = capture.readUInt8(tcp + 13);
  const at = findOption(capture, tcp, OPTION.timestamp);
  const [from, to] = [`${source}.${sourcePort}`, `${dest}.${destPort}`];
  const payload = bytes - headerLength(capture, tcp);
  return {
    time:
      BigInt(capture.readUInt32LE(record)) * 1_000_000_000n +
      BigInt(capture.readUInt32LE(record + 4)),
    way: `${from} > ${to}`,
    back: `${to} > ${from}`,
    sourcePort,
    destPort,
    seq: capture.readUInt32BE(tcp + 4),
    ack: flags & FLAG.ack ? capture.readUInt32BE(tcp + 8) : undefined,
    length: payload + (flags & FLAG.syn ? 1 : 0) + (flags & FLAG.fin ? 1 : 0),
    isSyn: (flags & FLAG.syn) !== 0,
    isReset: (flags & FLAG.rst) !== 0,
    tsval: at === undefined ? undefined : capture.readUInt32BE(at + 2),
    tsecr: at === undefined ? undefined : capture.readUInt32BE(at + 6),
    window: capture.readUInt16BE(tcp + 14),
    hasSack: findOption(capture, tcp, OPTION.sack) !== undefined,
    record,
  };
}

function headerLength(capture: Buffer, tcp: number): number {
  return 4 * (capture.readUInt8(tcp + 12) >> 4);
}

function findOption(capture: Buffer, tcp: number, wanted: number): number | undefined {
  const end = tcp + headerLength(capture, tcp);
  for (let at = tcp + TCP; at < end; ) {
    const kind = capture.readUInt8(at);
    if (kind === wanted) return at;
    if (kind === OPTION.end) return undefined;
    at += kind === OPTION.nop ? 1 : Math.max(2, capture.readUInt8(at + 1));
  }
  return undefined;
}

/** Serial arithmetic: how far a is after b, negative where it is before. */
export function distance(a: number, b: number): number {
  return (a - b) | 0;
}
