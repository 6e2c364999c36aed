/** Only TCP shows what is sent again: of others no figure says that nothing was. */
import { expect, test } from '@jest/globals';
import { AggregateFormatter } from '../../src/format/aggregates.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { CsvIntervalFormatter } from '../../src/format/csv-intervals.js';
import type { Notice } from '../../src/format/formatter.js';
import { peerLines } from '../../src/format/groups.js';
import { IntervalFormatter } from '../../src/format/intervals.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { statsText } from '../../src/format/summary.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { RttAggregateLook } from '../../src/screen/aggregate-look.js';
import { AggregateRows } from '../../src/screen/aggregate-rows.js';
import { Aggregates } from '../../src/summary/aggregates.js';
import { Intervals } from '../../src/summary/intervals.js';
import { FlowProgress, Resent, resentIn } from '../../src/summary/resent.js';
import { Totals } from '../../src/summary/totals.js';
import { linesOf } from '../helpers/command/cli.js';
import { aggregateOf } from '../helpers/events/aggregates.js';
import { countersOf, NO_LOSSES, rttEvent, runTotals } from '../helpers/events/events.js';
import { tableOf } from '../helpers/output/csv.js';

const TOLD = { areProtocolsTold: true } as const;
const MB = 1_000_000;
const sentLosses = { ...NO_LOSSES, retransmittedBytes: 10_000 };
const tcp = rttEvent({ sentBytes: MB, recBytes: 0, sentLosses, recLosses: NO_LOSSES });
const quic = rttEvent({ protocol: 'QUIC', flowId: 8, sentBytes: MB, recBytes: 0 });
const clock = () => new Clock(0n, { zone: 'utc' });

test('bytes of others are counted, and are no part of the share', () => {
  const resent = new Resent();
  for (const event of [tcp, quic]) new FlowProgress().advance(event, resent);
  expect(resent).toMatchObject({ bytes: 2 * MB, share: 0.01 });
  const other = new Resent();
  new FlowProgress().advance(quic, other);
  expect(other.share).toBeUndefined();
});

test('the table of peers has a dash', () => {
  const totals = new Totals(TOLD);
  for (const event of [tcp, quic]) totals.accept(event);
  const rows = totals
    .with(runTotals())
    .sides.map((side) => [side.protocol, peerLines(side)[1]?.split(' ').at(-1)]);
  expect(rows).toEqual([
    ['TCP', '1.0%'],
    ['QUIC', '-'],
  ]);
});

test('lines, objects and rows of an interval have none', () => {
  const intervals = new Intervals(new Totals(TOLD), 'beyond', undefined, undefined, true);
  for (const event of [tcp, quic]) intervals.accept(event);
  const notices = intervals
    .take()
    .map((figures): Notice => ({ type: 'interval', timestamp: 0n, length: 1n, figures }));
  const text = (formatter: IntervalFormatter | NdjsonFormatter | CsvIntervalFormatter) => {
    const chunk = new Chunk();
    for (const notice of notices) formatter.notice(notice, chunk);
    return chunk.take().bytes.toString('utf8');
  };
  const shape = { isTerminal: false, by: undefined, isFine: false, ...TOLD };
  const lines = linesOf(text(new IntervalFormatter(clock(), shape)));
  expect(lines.map((line) => line.split(/ +/).at(-1))).toEqual(['retrans', '1.0%', '-']);
  const objects = linesOf(text(new NdjsonFormatter(clock(), 'eth0'))).map((line) =>
    JSON.parse(line),
  );
  expect(objects.map(({ bytes, retransmitted_bytes }) => [bytes, retransmitted_bytes])).toEqual([
    [MB, 10_000],
    [MB, undefined],
  ]);
  const csv = new CsvIntervalFormatter(clock(), 'eth0', [], true);
  const table = tableOf(csv.heading + text(csv));
  expect(table.map((row) => row.retransmitted_bytes)).toEqual(['10000', '']);
});

test('nor have those of aggregates, and the rows of the live view', () => {
  const counted = [aggregateOf(), aggregateOf({ protocol: 'QUIC' })];
  const sides = new Aggregates(NO_AGGREGATION, 'beyond', {}, true).take(counted);
  const all = sides.map(({ all }) => all);
  expect(all.map(resentIn)).toEqual([14_480 / 520_000, undefined]);
  const times = { timestamp: 0n, length: 1n };
  const [table, objects] = [new Chunk(), new Chunk()];
  const shape = { by: 'prefix', events: false, isFine: false, rows: () => undefined } as const;
  const human = new AggregateFormatter(clock(), { ...shape, ...TOLD }, undefined, undefined);
  human.notice({ ...times, type: 'aggregates', sides }, table);
  const [, first, , last] = linesOf(table.take().bytes.toString('utf8'));
  expect([first, last]).toEqual([
    expect.stringMatching(/ 2\.8% +all$/),
    expect.stringMatching(/ - +all$/),
  ]);
  const ndjson = new NdjsonFormatter(clock(), undefined);
  for (const figures of all) ndjson.notice({ ...times, type: 'aggregate', figures }, objects);
  const [ofTcp, ofQuic] = linesOf(objects.take().bytes.toString('utf8')).map((line) =>
    Object.keys(JSON.parse(line)).filter((name) => /^(sent|rec)_/.test(name)),
  );
  expect(ofTcp).toHaveLength(8);
  expect(ofQuic).toEqual(['sent_packets', 'sent_bytes', 'rec_packets', 'rec_bytes']);
  const rows = new AggregateRows(RttAggregateLook);
  rows.take(sides);
  const looks = rows.look().map(({ name, resent }) => [name, resent !== undefined]);
  expect(looks).toContainEqual(['192.0.2.0/24', true]);
  expect(looks).toContainEqual(['192.0.2.0/24 QUIC', false]);
});

test('beside others the share in the summary is of what is TCP', () => {
  const again = { retransmittedPackets: 3, retransmittedBytes: 4_000 };
  const counted = { egress: 900, bytes: 3 * MB, quicBytes: 2 * MB, ...again };
  const lineOf = (areProtocolsTold: boolean) =>
    /^3 packets.*$/m.exec(
      statsText(runTotals({ counters: countersOf(counted), areProtocolsTold }), 'eth0'),
    )?.[0];
  expect(lineOf(false)).toBe('3 packets retransmitted (0.4 % of bytes)');
  expect(lineOf(true)).toBe("3 packets retransmitted (0.4 % of TCP's bytes)");
});
