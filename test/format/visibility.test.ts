import { expect, test } from '@jest/globals';
import type { Predecessor } from '../../src/core/hooks.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { summaryText } from '../../src/format/summary.js';
import { inFrontText, sightingText } from '../../src/format/visibility.js';
import type { Hidden, Sighting } from '../../src/visibility/sightings.js';
import { runTotals } from '../helpers/events/events.js';

const TCX: Predecessor = { programId: 12, name: 'cil_from_netdev' };
const UNNAMED: Predecessor = { programId: 13, name: '' };
const FILTER: Predecessor = { programId: 0, name: 'flower', priority: 1 };
const HIDDEN: Hidden & { interface: string } = {
  interface: 'eth0',
  change: 'hidden',
  hook: 'ingress',
  cause: 'program',
  predecessors: [TCX],
  xdp: undefined,
  seenPackets: 1,
  packets: 412,
  bytes: 51_234,
  seconds: 4,
};

test.each<[Sighting, string]>([
  [
    { interface: 'eth0', change: 'moved', hook: 'ingress', predecessors: [TCX] },
    'TCX program 12 (cil_from_netdev) ran before pping on ingress of eth0; pping now runs first and sees every packet',
  ],
  [
    { interface: 'eth0', change: 'moved', hook: 'egress', predecessors: [UNNAMED, FILTER] },
    'TCX program 13, filter of pref 1 (flower) ran before pping on egress of eth0; pping now runs first and sees every packet, with the addresses from before any NAT there',
  ],
  [
    { interface: 'eth0', change: 'preceded', hook: 'ingress', predecessors: [FILTER] },
    'filter of pref 1 (flower) runs before pping on ingress of eth0; packets that stop there are not seen',
  ],
  [
    HIDDEN,
    'hidden on ingress of eth0: in 4 s the interface counted 412 packets (51.2 kB) and pping 1: TCX program 12 (cil_from_netdev) runs first and stops them',
  ],
  [
    { ...HIDDEN, hook: 'egress', predecessors: [TCX, UNNAMED], seenPackets: 0 },
    'hidden on egress of eth0: in 4 s the interface counted 412 packets (51.2 kB) and pping 0: TCX program 12 (cil_from_netdev), TCX program 13 run first and stop them',
  ],
  [
    { ...HIDDEN, cause: 'xdp', predecessors: [], xdp: 5 },
    'hidden on ingress of eth0: in 4 s the interface counted 412 packets (51.2 kB) and pping 1: XDP program 5 takes them before tc',
  ],
  [
    { ...HIDDEN, hook: 'egress', cause: 'xdp', predecessors: [], xdp: 5 },
    'hidden on egress of eth0: in 4 s the interface counted 412 packets (51.2 kB) and pping 1: XDP program 5 sends them without tc',
  ],
])('for people: %j', (sighting, text) => {
  expect(sightingText(sighting)).toBe(text);
});

test('names of others obey no terminal', () => {
  const predecessors = [{ programId: 1, name: 'a\x1b[2J' }];
  const text = sightingText({
    interface: 'eth0',
    change: 'preceded',
    hook: 'ingress',
    predecessors,
  });
  expect(text).toContain('TCX program 1 (a\\u001b[2J) runs');
});

test('who is in front, behind another line', () => {
  expect(inFrontText({ egress: [], ingress: [] })).toBe('');
  expect(inFrontText({ egress: [TCX], ingress: [FILTER, UNNAMED] })).toBe(
    '; running before pping: TCX program 12 (cil_from_netdev) on egress, filter of pref 1 (flower), TCX program 13 on ingress',
  );
});

test('the summary has it before the losses', () => {
  const text = summaryText(runTotals({ sightings: [HIDDEN] }), 'eth0', false);
  const [told, end] = [sightingText(HIDDEN), '\nno events lost'];
  expect(text.replaceAll('\n  ', ' ').endsWith(told + end)).toBe(true);
});

test.each<[Sighting, string]>([
  [
    { interface: 'eth0', change: 'moved', hook: 'ingress', predecessors: [TCX, UNNAMED] },
    '"change":"moved","hook":"ingress","programs":[{"id":12,"name":"cil_from_netdev"},{"id":13}]',
  ],
  [
    { interface: 'eth0', change: 'preceded', hook: 'egress', predecessors: [FILTER] },
    '"change":"preceded","hook":"egress","programs":[{"name":"flower","pref":1}]',
  ],
  [
    HIDDEN,
    '"change":"hidden","hook":"ingress","cause":"program","seconds":4,"seen_packets":1,"interface_packets":412,"interface_bytes":51234,"programs":[{"id":12,"name":"cil_from_netdev"}]',
  ],
  [
    { ...HIDDEN, cause: 'xdp', predecessors: [], xdp: 5 },
    '"change":"hidden","hook":"ingress","cause":"xdp","xdp":5,"seconds":4,"seen_packets":1,"interface_packets":412,"interface_bytes":51234,"programs":[]',
  ],
])('as NDJSON, to the byte: %j', (sighting, fields) => {
  const chunk = new Chunk();
  const formatter = new NdjsonFormatter(new Clock(1_000_000_000n), 'eth0');
  formatter.notice({ type: 'visibility', timestamp: 1n, sighting }, chunk);
  expect(Buffer.from(chunk.take().bytes).toString()).toBe(
    `{"type":"visibility","timestamp":1000000001,"interface":"eth0",${fields}}\n`,
  );
});
