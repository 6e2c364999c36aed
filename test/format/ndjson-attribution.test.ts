import { describe, expect, test } from '@jest/globals';
import type { Attribution, Owner } from '../../src/attribution/owner.js';
import type { KernelEvent } from '../../src/events/types.js';
import { Clock } from '../../src/format/clock.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { Collector } from '../../src/report/collector.js';
import { DOCUMENTATION_A, flowEvent, ipv4, reversed, rttEvent } from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';
import { CONTAINER, HOSTILE, KnownFlows, NAMED, POD, WHOLE } from '../helpers/events/owners.js';

const PRIVATE = { address: ipv4('192.168.1.20'), port: 41_822 };
const VIRTUAL = { address: ipv4('10.96.0.1'), port: 80 };
const NULLS = {
  orig_src_ip: null,
  orig_src_port: null,
  orig_dest_ip: null,
  orig_dest_port: null,
};

function formatterOf(attribution: Attribution | undefined): NdjsonFormatter {
  return new NdjsonFormatter(new Clock(0n), 'eth0', { attributionOf: () => attribution });
}

/** What a line has that it would not have otherwise. */
function addedTo(event: KernelEvent, attribution: Attribution | undefined): object {
  const usual = JSON.parse(textOf(new NdjsonFormatter(new Clock(0n), 'eth0'), event));
  const fields = Object.entries(JSON.parse(textOf(formatterOf(attribution), event)));
  return Object.fromEntries(fields.filter(([name]) => !(name in usual)));
}

test.each([
  ['rtt', rttEvent({ timestamp: 1n }), '"rtt":'],
  ['flow', flowEvent({ timestamp: 1n }), '"flow_event":'],
])('a line of type %s has it behind the protocol, to the byte', (type, event, rest) => {
  const attribution = { owner: NAMED, original: { src: VIRTUAL, dest: PRIVATE } };
  expect(textOf(formatterOf(attribution), event).split(`,${rest}`)[0]).toBe(
    `{"type":"${type}","timestamp":1,"interface":"eth0","flow_id":7,"src_ip":"192.0.2.1",` +
      '"src_port":443,"dest_ip":"198.51.100.2","dest_port":51515,"protocol":"TCP",' +
      `"cgroup":"/kubepods.slice/cri-containerd-${CONTAINER}.scope",` +
      `"unit":"cri-containerd-${CONTAINER}.scope","container":"${CONTAINER}",` +
      `"container_name":"app","pod":"${POD}","pod_name":"cart-7d9f","namespace":"shop",` +
      '"pid":4242,"comm":"curl","uid":1000,"orig_src_ip":"10.96.0.1","orig_src_port":80,' +
      '"orig_dest_ip":"192.168.1.20","orig_dest_port":41822',
  );
});

describe.each([
  ['rtt', rttEvent()],
  ['flow', flowEvent()],
] as const)('a line of type %s', (_, event) => {
  test.each<[string, Attribution | undefined]>([
    ['nothing is known', undefined],
    ['there is no socket here', {}],
    ['an owner of whom nothing is known', { owner: {} }],
    ['nothing was translated', { original: {} }],
  ])('has no field more where %s', (_, attribution) => {
    expect(addedTo(event, attribution)).toEqual({});
  });

  test.each<Owner>([
    { uid: 0, cgroup: '/' },
    { cgroup: '/system.slice/nginx.service', unit: 'nginx.service' },
    { comm: 'nginx', pid: 1 },
  ])('has what is known, and no other field: %j', (owner) => {
    expect(addedTo(event, { owner })).toEqual(owner);
  });

  test('has who listens, beside the process where that is known', () => {
    const listener = { listenerPid: 80, listenerComm: 'a"b' };
    const fields = { listener_pid: 80, listener_comm: 'a"b' };
    expect(addedTo(event, { owner: listener })).toEqual(fields);
    const process = { pid: 81, comm: 'worker' };
    expect(addedTo(event, { owner: { ...listener, ...process } })).toEqual({
      ...fields,
      ...process,
    });
  });

  test('has null for all four where lookups have disagreed', () => {
    expect(addedTo(event, { original: null })).toEqual(NULLS);
    expect(addedTo(event, { owner: { pid: 1 }, original: null })).toEqual({ pid: 1, ...NULLS });
  });

  test.each([
    ['src', { orig_src_ip: '192.168.1.20', orig_src_port: 41_822 }],
    ['dest', { orig_dest_ip: '192.168.1.20', orig_dest_port: 41_822 }],
  ])('has the one end that was translated: %s', (end, fields) => {
    expect(addedTo(event, { original: { [end]: PRIVATE } })).toEqual(fields);
  });

  test('has any name as it is, in ASCII', () => {
    expect(addedTo(event, { owner: HOSTILE })).toEqual(HOSTILE);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: but for the line's own end
    expect(textOf(formatterOf({ owner: HOSTILE }), event)).toMatch(/^[^\x00-\x1f\x80-\uffff]*\n$/);
  });

  test('has names of containers and pods in ASCII, whatever is in them', () => {
    const name = 'a"b\\c\nd\u001b[2J\u009bü網';
    const owner = { containerName: name, podName: name, namespace: name };
    const fields = { container_name: name, pod_name: name, namespace: name };
    expect(addedTo(event, { owner })).toEqual(fields);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: but for the line's own end
    expect(textOf(formatterOf({ owner }), event)).toMatch(/^[^\x00-\x1f\x80-\uffff]*\n$/);
  });

  test('has a cgroup of any length, and the next line is whole, too', () => {
    const cgroup = `/${'ü'.repeat(40_000)}`;
    const lines = textOf(formatterOf({ owner: { cgroup } }), event, event)
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(JSON.parse(line).cgroup === cgroup).toBe(true);
  });
});

test('an original address of IPv6 is one', () => {
  const event = rttEvent({
    ipVersion: 6,
    srcAddress: DOCUMENTATION_A,
    destAddress: DOCUMENTATION_A,
  });
  const src = { address: DOCUMENTATION_A, port: 1 };
  expect(addedTo(event, { original: { src } })).toEqual({
    orig_src_ip: '2001:db8::1',
    orig_src_port: 1,
  });
});

test('what becomes known, or changes, is in the lines from when it is told on, in both directions', () => {
  const known = new KnownFlows();
  const formatter = new NdjsonFormatter(new Clock(0n), 'eth0', { attributionOf: known.of });
  const there = rttEvent();
  const pids = () =>
    [there, reversed(there)].map((event) => JSON.parse(textOf(formatter, event)).pid);
  expect(pids()).toEqual([undefined, undefined]);
  for (const pid of [1, 2]) {
    const before = pids();
    known.set(7, { owner: { pid } });
    expect(pids()).toEqual(before);
    formatter.refresh(8);
    expect(pids()).toEqual(before);
    formatter.refresh(7);
    expect(pids()).toEqual([pid, pid]);
  }
});

test('a report reads such lines as any', () => {
  const collector = new Collector();
  const attributions = [{ owner: WHOLE, original: null }, { owner: HOSTILE }, undefined];
  for (const [flowId, attribution] of attributions.entries()) {
    const events = [flowEvent({ flowId }), rttEvent({ flowId })];
    const text = textOf(formatterOf(attribution), ...events);
    for (const line of text.trimEnd().split('\n')) collector.take(line);
  }
  const { facts, flows } = collector.finish();
  expect(flows).toBe(3);
  expect(facts).toMatchObject({ rtts: 3, skippedLines: 0, places: [{ interface: 'eth0' }] });
  expect(facts.peers.map(({ address }) => address)).toEqual(['192.0.2.1']);
});
