/** The hash of the table of flows (bpf/kernel/flow_hash.h), for IPv4: as somebody would compute it who has the seed. */
import type { End } from '../../../lab/kernel/packets.js';

const BITS = 64;
const IP_VERSION = 4;
const TCP = 6;

/** The words of a seed. */
export function seedOf(bytes: Buffer): bigint[] {
  return Array.from({ length: bytes.length / 8 }, (_, word) => bytes.readBigUInt64LE(8 * word));
}

/** Of a connection of two ends, where there is but one place; the one with the lower address first. */
export function bucketOf(low: End, high: End, seed: readonly bigint[], buckets: number): number {
  const rest = Buffer.alloc(8);
  rest.writeUInt16LE(low.port, 0);
  rest.writeUInt16LE(high.port, 2);
  rest.writeUInt8(IP_VERSION, 4);
  rest.writeUInt8(TCP, 5);
  const pairs = [rest, mapped(low), mapped(high)];
  const sum = pairs.reduce((all, pair, at) => all + product(pair, seed, 1 + 2 * at), seed[0] ?? 0n);
  return mixed(Number(BigInt.asUintN(BITS, sum) >> 32n)) % buckets;
}

/** The second half of ::ffff:a.b.c.d. */
function mapped({ address }: End): Buffer {
  return Buffer.from([0, 0, 0xff, 0xff, ...address.split('.').map(Number)]);
}

function product(pair: Buffer, seed: readonly bigint[], at: number): bigint {
  const [first = 0n, second = 0n] = seed.slice(at);
  return (BigInt(pair.readUInt32LE(0)) + first) * (BigInt(pair.readUInt32LE(4)) + second);
}

function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x9e3779b1);
  return (once ^ (once >>> 15)) >>> 0;
}
