/** Captures with bytes changed, cut out and repeated: read to their damage, never a crash, never without end. */
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { newRandom, type Random } from '../../lab/random.js';
import { Fault, UsageError } from '../../src/faults.js';
import { conversation, replayBytes } from '../helpers/core/replayed.js';
import { Pcapng, pcap, snoop } from '../helpers/packets/captures.js';
import { wrapperHeader } from '../helpers/packets/wrappers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const CAPTURES = 1_500;
const TELLING = [0, 1, 2, 3, 4, 5, 6, 0x0a, 0x0d, 0x1a, 0x7f, 0x80, 0xa1, 0xd4, 0xff];

const inFolder = useTemporaryFolder();

function originals(): Buffer[] {
  const packets = conversation(20);
  const ngs = [true, false].map((little) => {
    const ng = new Pcapng(little);
    return Buffer.concat([
      ...[ng.section(), ng.interface(1, ng.option(9, Buffer.from([9]))), ng.interface(101)],
      ...packets.map(({ time, frame }) => ng.packet(0, time, frame)),
      ...[ng.block(5, Buffer.alloc(40)), ng.section(), ng.interface()],
      ...packets.map(({ time, frame }) => ng.packet(0, time / 1_000n, frame)),
    ]);
  });
  const others = [pcap(packets, { patched: true }), snoop(packets), ...LINK_TYPES.map(wrapped)];
  return [pcap(packets), pcap(packets, { little: false, nanoseconds: true }), ...ngs, ...others];
}

const LINK_TYPES = [
  ...([
    [105, 'wifi'],
    [119, 'wifiPrism'],
    [127, 'wifiRadiotap'],
    [163, 'wifiAvs'],
  ] as const),
  ...([
    [192, 'ppi'],
    [239, 'nflog'],
    [258, 'pktap'],
  ] as const),
] as const;

/** In headers that only captures have. */
function wrapped([linkType, linkLayer]: (typeof LINK_TYPES)[number]): Buffer {
  const ethertype = Buffer.from(linkLayer === 'nflog' ? [] : [8, 0]);
  const packets = conversation(20, { ethernet: false }).map(({ time, frame }) => ({
    time,
    frame: Buffer.concat([wrapperHeader(linkLayer, 4), ethertype, frame]),
  }));
  return pcap(packets, { linkType });
}

function mutated(original: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(original);
  const changes = 1 + random.below(8);
  for (let change = 0; change < changes; change++) {
    const at = random.below(bytes.length);
    const kind = random.below(6);
    if (kind < 2) bytes[at] = TELLING[random.below(TELLING.length)] as number;
    if (kind === 2) bytes[at] = random.below(256);
    if (kind === 3) bytes = bytes.subarray(0, Math.max(1, at));
    if (kind === 4) {
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(40))]);
    }
    if (kind === 5) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at >> 1)]);
  }
  return bytes;
}

test(`${CAPTURES} of them`, async () => {
  const random = newRandom();
  const { seed } = random;
  const whole = originals();
  const seen = { whole: 0, damaged: 0, refused: 0, rtts: 0 };
  for (let round = 0; round < CAPTURES; round++) {
    const bytes = mutated(whole[random.below(whole.length)] as Buffer, random);
    const isCompressed = random.below(10) === 0;
    const path = inFolder('x');
    try {
      const replayed = await replayBytes(isCompressed ? gzipSync(bytes) : bytes, path);
      seen[replayed.damage === undefined ? 'whole' : 'damaged']++;
      seen.rtts += replayed.rtts.length;
      expect(replayed.damage ?? '').not.toContain('\n');
    } catch (error) {
      // The core stopping at a time far before is not the reader's, nor an answer after months: nothing is swept.
      const isKnown = error instanceof Fault || error instanceof UsageError;
      const { message } = error as Error;
      if (!isKnown && !/^(the core stopped: 4|a value above 2\^53)$/.test(message)) {
        throw new Error(`PPING_TEST_SEED=${seed}, capture ${round}`, { cause: error });
      }
      seen.refused++;
    }
  }
  console.log(`seed ${seed}: ${JSON.stringify(seen)}`);
  for (const number of Object.values(seen)) expect(number).toBeGreaterThan(CAPTURES / 100);
}, 600_000);
