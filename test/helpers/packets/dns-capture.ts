/** A capture of DNS queries whose figures are known. */

import { type DnsMessage, dnsFrame } from '../../../lab/kernel/dns-packets.js';
import type { End } from '../../../lab/kernel/packets.js';
import { pcap } from './captures.js';

const MS = 1_000_000n;
const CLIENT_PORT = 40_000;

/** Of one resolver: query n is sent n ms after the beginning and answered after its time, in ms; undefined: not at all. */
export interface Exchange {
  readonly client: string;
  readonly resolver: string;
  readonly answers: readonly ({ readonly ms: number; readonly rcode?: number } | undefined)[];
}

/** @param begin ns since the epoch. @param last a packet so many ms later, which ends the wait for all */
export function dnsCapture(begin: bigint, exchanges: readonly Exchange[], last = 20_000): Buffer {
  const packets = exchanges.flatMap(({ client, resolver, answers }) => {
    const to: End = { address: resolver, port: 53 };
    return answers.flatMap((answer, id) => {
      const from: End = { address: client, port: CLIENT_PORT + id };
      const time = begin + BigInt(id) * MS;
      const show = (at: bigint, one: End, other: End, how: Partial<DnsMessage>) => ({
        time: at,
        frame: dnsFrame(one, other, { id, name: ['www', 'example'], ...how }),
      });
      const query = show(time, from, to, {});
      if (!answer) return [query];
      const { ms, rcode = 0 } = answer;
      const at = time + BigInt(Math.round(ms * 1_000)) * 1_000n;
      return [query, show(at, to, from, { response: true, answers: 1, rcode })];
    });
  });
  const [first] = exchanges;
  const end: End = { address: first?.client ?? '', port: CLIENT_PORT - 1 };
  const nobody: End = { address: first?.client ?? '', port: 9 };
  const closing = { time: begin + BigInt(last) * MS, frame: dnsFrame(end, nobody, { id: 0 }) };
  const inOrder = packets.sort((a, b) => (a.time < b.time ? -1 : 1));
  return pcap([...inOrder, closing], { nanoseconds: true });
}
