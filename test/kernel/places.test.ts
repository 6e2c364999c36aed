/** One connection seen in two VLANs is two flows, and so are two that share a tuple. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, Kernel, SERVER } from '../../lab/kernel/kernel.js';
import type { Encapsulation } from '../../lab/kernel/packets.js';
import { PLACE } from '../../src/core/layouts.js';
import { Targets } from '../helpers/core/targets.js';
import { compileBpf } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

let kernel: Kernel;
afterEach(() => kernel.close());

const tagged = (...ids: number[]): Encapsulation => ({
  vlans: ids.map(() => 0x8100),
  vlanIds: ids,
});

/** The programs, with a tag beside all frames that leave; the kernel has tests set none. */
const TAGGED_EGRESS = `
#define pping_egress untagged_egress
#include "tc_pping.c"
#undef pping_egress

SEC("tc")
int pping_egress(struct __sk_buff *skb)
{
	if (bpf_skb_vlan_push(skb, 0, 0xe00a))
		return TC_ACT_SHOT;
	return observe(skb, HOOK_EGRESS, LINK_ETHERNET);
}
`;

/** A request here and its answer there, 500 ns later. */
function exchange(request: Encapsulation, answer: Encapsulation): void {
  kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 }, request);
  kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 }, answer);
  kernel.at(100n).egress(CLIENT, SERVER, { tsval: 7, tsecr: 1, seq: 1000, payload: 10 }, request);
  kernel.at(600n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 7, ack: 1010 }, answer);
}

function measure(request: Encapsulation, answer: Encapsulation): number[] {
  exchange(request, answer);
  return kernel.rtts().map(({ rtt }) => rtt);
}

test('the same tuple in two VLANs: each has its own RTT', () => {
  kernel = new Targets({ rate: 0n });
  const segments = [tagged(10), tagged(20), {}, tagged(10, 20), tagged(20, 10)];
  const each = (show: (around: Encapsulation, index: number) => void) => segments.forEach(show);
  each((around) => kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 }, around));
  each((around) => kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 }, around));
  each((around, index) => {
    const request = { tsval: 7, tsecr: 1, seq: 1000, payload: 10 };
    kernel.at(100n * BigInt(index)).egress(CLIENT, SERVER, request, around);
  });
  each((around, index) => {
    const answer = { tsval: 2, tsecr: 7, ack: 1010 };
    kernel.at(1_000n * BigInt(index + 1)).ingress(SERVER, CLIENT, answer, around);
  });
  const rtts = kernel.rtts();
  expect(rtts.map(({ rtt }) => rtt)).toEqual([1_000, 1_900, 2_800, 3_700, 4_600]);
  expect(rtts.map(({ place }) => kernel.surroundingsOf(place)?.vlans)).toEqual([
    { outer: 10 },
    { outer: 20 },
    undefined,
    { outer: 10, inner: 20 },
    { outer: 20, inner: 10 },
  ]);
  expect(rtts[2]?.place).toBe(0);
});

describe('one place, as both directions have the same ids', () => {
  test.each<[string, Encapsulation, Encapsulation]>([
    ['whatever the priority', tagged(0xe00a), tagged(10)],
    ['whatever kind of tag', { vlans: [0x88a8], vlanIds: [10] }, tagged(10)],
    ['a priority without a VLAN', tagged(0xe000), {}],
    ['a priority around a VLAN', tagged(0, 10), tagged(10)],
    ['a priority within a VLAN', tagged(10, 0xe000), tagged(10)],
    ['tags between the outermost and the innermost', tagged(30, 20, 10), tagged(30, 10)],
  ])('%s', (_, request, answer) => {
    kernel = new Targets({ rate: 0n });
    expect(measure(request, answer)).toEqual([500]);
  });
});

describe('a tag that is kept beside the frame counts as one in it', () => {
  const file = useTemporaryFolder();

  test.each<[string, Encapsulation, Encapsulation, object]>([
    ['alone', {}, tagged(10), { outer: 10 }],
    ['around another', tagged(20), tagged(10, 20), { outer: 10, inner: 20 }],
  ])('%s', (_, request, answer, vlans) => {
    compileBpf(TAGGED_EGRESS, file('tagged.o'));
    kernel = new Kernel({ rate: 0n }, 'ethernet', {}, file('tagged.o'));
    exchange(request, answer);
    const rtts = kernel.rtts();
    expect(rtts.map(({ rtt }) => rtt)).toEqual([500]);
    expect(rtts.map(({ place }) => kernel.surroundingsOf(place)?.vlans)).toEqual([vlans]);
  });
});

test('other ids are another place', () => {
  kernel = new Targets({ rate: 0n });
  expect(measure(tagged(10), tagged(11))).toEqual([]);
});

test('where the table is full, VLANs share a place that has no id', () => {
  kernel = new Targets({ rate: 0n });
  let pairs = 0;
  for (let outer = 1; outer <= 40; outer++) {
    for (let inner = 1; inner <= 1_000; inner++, pairs++) {
      kernel.egress(CLIENT, SERVER, { flags: ['RST'] }, tagged(outer, inner));
    }
  }
  expect(pairs).toBeGreaterThan(PLACE.entries);
  expect(measure(tagged(4_000, 4_001), tagged(4_000, 4_001))).toEqual([500]);
  expect(measure(tagged(1, 1), tagged(1, 1))).toEqual([500]);
  for (const around of [tagged(4_000, 4_001), tagged(1, 1)]) {
    kernel.egress(CLIENT, SERVER, { flags: ['RST'], seq: 1010 }, around);
  }
  const places = kernel.flowEvents().map(({ place }) => place);
  expect(places[0]).toBe(PLACE.crowded);
  expect(places[1]).toBeGreaterThanOrEqual(PLACE.entries);
  expect(places.map((place) => kernel.surroundingsOf(place)?.vlans)).toEqual([
    undefined,
    { outer: 1, inner: 1 },
  ]);
});
