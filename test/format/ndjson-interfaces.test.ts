/** To the byte. */
import { expect, test } from '@jest/globals';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import type { Notice } from '../../src/format/formatter.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { talliesField } from '../../src/format/ndjson-interfaces.js';
import type { InterfaceChange } from '../../src/visibility/interface-change.js';
import { rttEvent, runTotals } from '../helpers/events/events.js';
import { textOf } from '../helpers/events/lines.js';

const TIME = '"timestamp":1000000001';

/** @param interfaceName undefined where there are several */
function lineOf(notice: Notice, interfaceName?: string): string {
  const chunk = new Chunk();
  new NdjsonFormatter(new Clock(1_000_000_000n), interfaceName).notice(notice, chunk);
  return Buffer.from(chunk.take().bytes).toString();
}

const changed = (change: InterfaceChange): Notice => ({ type: 'interface', timestamp: 1n, change });

test.each<[InterfaceChange, string]>([
  [{ change: 'attached', interface: 'eth0' }, '"interface":"eth0","change":"attached"'],
  [
    { change: 'renamed', interface: 'eth0', to: 'w"n' },
    '"interface":"eth0","change":"renamed","to":"w\\"n"',
  ],
  [
    { change: 'refused', interface: 'bürö', reason: 'no room' },
    '"interface":"b\\u00fcr\\u00f6","change":"refused","reason":"no room"',
  ],
  [
    { change: 'detached', interface: 'eth0', isGone: true, reason: 'interface eth0 is gone' },
    '"interface":"eth0","change":"detached","reason":"interface eth0 is gone"',
  ],
])('%j', (change, fields) => {
  expect(lineOf(changed(change))).toBe(`{"type":"interface",${TIME},${fields}}\n`);
  // Where all is of one, it is in each line already.
  const other = lineOf(changed(change), 'eth7');
  expect(other.match(/"interface":"/g)).toHaveLength(1);
  expect(other).toContain(`${TIME},"interface":"eth7","change"`);
});

test('what keeps packets from pping has the interface where there are several, and else once', () => {
  const sighting = {
    change: 'moved',
    hook: 'ingress',
    predecessors: [],
    interface: 'eth1',
  } as const;
  const notice: Notice = { type: 'visibility', timestamp: 1n, sighting };
  const line = `{"type":"visibility",${TIME},"interface":"eth1","change":"moved","hook":"ingress","programs":[]}\n`;
  expect(lineOf(notice)).toBe(line);
  expect(lineOf(notice, 'eth1')).toBe(line);
});

test('a summary has what was seen of each, where there are several', () => {
  const interfaces = [
    { name: 'eth0', egress: 1, ingress: 2, bytes: 3, isWatched: true },
    { name: '', egress: 4, ingress: 5, bytes: 6, isWatched: false },
  ];
  const field =
    ',"interfaces":[{"interface":"eth0","egress":1,"ingress":2,"bytes":3,"watched":true},' +
    '{"egress":4,"ingress":5,"bytes":6,"watched":false}]';
  expect(talliesField(interfaces)).toBe(field);
  const totals = runTotals({ interfaces });
  const line = lineOf({ type: 'summary', timestamp: 1n, final: true, totals });
  expect(line).toContain(field);
  expect(JSON.parse(line)).not.toHaveProperty('interface');
  expect([talliesField(), talliesField([])]).toEqual(['', '']);
});

test('an RTT has the interface that its place is at', () => {
  const seenAtOf = (place: number) =>
    place === 2 ? { capture: undefined, interface: 'eth1' } : undefined;
  const several = new NdjsonFormatter(new Clock(0n), undefined, { seenAtOf });
  const events = [2, 3].map((place) => rttEvent({ place, flowId: place }));
  const lines = textOf(several, ...events)
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => JSON.parse(line).interface)).toEqual(['eth1', undefined]);
});
