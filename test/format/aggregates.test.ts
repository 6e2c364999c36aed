/** What --aggregate prints, for people and for programs. */
import { describe, expect, test } from '@jest/globals';
import type { Aggregate, KnownOwner } from '../../src/events/aggregate.js';
import { AggregateFormatter, type AggregateShape } from '../../src/format/aggregates.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { createFormatter } from '../../src/format/formats.js';
import type { Notice } from '../../src/format/formatter.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { Aggregates } from '../../src/summary/aggregates.js';
import { linesOf } from '../helpers/command/cli.js';
import { aggregateOf } from '../helpers/events/aggregates.js';
import { governorNotice, ipv4, rttEvent } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';

const SECOND = 1_000_000_000n;
const SHAPE: AggregateShape = { by: 'prefix', events: false, isFine: false, rows: () => undefined };
const writtenTo = (chunk: Chunk) => chunk.take().bytes.toString('utf8');
const clock = () => new Clock(0n, { zone: 'utc' });

function noticeOf(aggregates: readonly Aggregate[], aggregation = NO_AGGREGATION) {
  const seenAtOf = (place: number) =>
    place === 0 ? undefined : { capture: undefined, interface: `eth${place}` };
  const ownerOf = ({ cgroup, uid }: KnownOwner) => ({ unit: `unit${cgroup}.service`, uid });
  const sides = new Aggregates(aggregation, 'beyond', { seenAtOf, ownerOf }).take(aggregates);
  return { type: 'aggregates', timestamp: 60n * SECOND, length: SECOND, sides } as const;
}

/** So many networks. */
const networks = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    aggregateOf({ network: { address: ipv4(`10.0.${index}.0`), ipVersion: 4 } }),
  );

function linesFor(notice: Notice, shape: Partial<AggregateShape> = {}): string[] {
  const chunk = new Chunk();
  const formatter = new AggregateFormatter(clock(), { ...SHAPE, ...shape }, undefined, undefined);
  expect(formatter.notice(notice, chunk)).toBe(true);
  return linesOf(writtenTo(chunk));
}

describe('for people', () => {
  test('an interval is a table: all of a side, and then its networks', () => {
    const others = aggregateOf({ isOthers: true, network: undefined });
    const behind = aggregateOf({ side: 'behind', place: 2 });
    expect(linesFor(noticeOf([aggregateOf(), others, behind]))).toEqual([
      'time      side    samples p50_ms p90_ms p99_ms max_ms overdue retrans  prefix',
      '00:01:00  beyond       24   1.06   2.13   12.1   12.1       2    2.8%  all',
      '00:01:00  beyond       12   1.06   2.13   12.1   12.1       1    2.8%  192.0.2.0/24',
      '00:01:00  beyond       12   1.06   2.13   12.1   12.1       1    2.8%  others',
      '00:01:00  behind       12   1.06   2.13   12.1   12.1       1    2.8%  all',
      '00:01:00  behind       12   1.06   2.13   12.1   12.1       1    2.8%  192.0.2.0/24  eth2',
    ]);
  });

  test('one with the time of the interval before says how long it was, in the row of all', () => {
    const chunk = new Chunk();
    const formatter = new AggregateFormatter(clock(), SHAPE, undefined, undefined);
    const whole = noticeOf([aggregateOf()]);
    formatter.notice(whole, chunk);
    formatter.notice(
      { ...whole, timestamp: whole.timestamp + SECOND / 4n, length: SECOND / 4n },
      chunk,
    );
    const rows = linesOf(writtenTo(chunk)).map((line) => line.slice(71));
    expect(rows).toEqual([
      ...['prefix', 'all', '192.0.2.0/24'],
      ...['prefix', 'all  (0.250 s)', '192.0.2.0/24'],
    ]);
  });

  test('it has as many as the terminal has rows for, and ten where there is none', () => {
    const notice = noticeOf(networks(30));
    expect(linesFor(notice)).toHaveLength(12);
    const lines = linesFor(notice, { rows: () => 24 });
    expect(lines).toHaveLength(23);
    expect(lines[1]).toMatch(/ {2}all \(21 of 30\)$/);
    expect(linesFor(notice, { rows: () => 2 })).toHaveLength(3);
  });

  test('those for which there was no room in the kernel are always there', () => {
    const others = aggregateOf({ isOthers: true, network: undefined });
    const lines = linesFor(noticeOf([...networks(30), others]));
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toMatch(/ {2}others$/);
  });

  test('where nothing is told apart, there are rows of sides alone', () => {
    const aggregation = { ...NO_AGGREGATION, by: 'none' } as const;
    const lines = linesFor(noticeOf([aggregateOf({ network: undefined })], aggregation), {
      by: 'none',
    });
    expect(lines).toEqual([
      'time      side    samples p50_ms p90_ms p99_ms max_ms overdue retrans',
      '00:01:00  beyond       12   1.06   2.13   12.1   12.1       1    2.8%',
    ]);
  });

  test('an interval with nothing has dashes', () => {
    expect(linesFor(noticeOf([])).at(-1)).toBe(
      '00:01:00  beyond        0      -      -      -      -       0       -',
    );
  });

  test('whose connections they are has a name, and the user', () => {
    const owners = [{ cgroup: 7n, uid: 33 }, 'absent', 'unknown'] as const;
    const notice = noticeOf(owners.map((owner) => aggregateOf({ owner, network: undefined })));
    const lines = linesFor(notice, { by: 'owner' });
    expect(lines[0]).toMatch(/ {2}owner$/);
    expect(lines.slice(2).map((line) => line.split('2.8%  ')[1])).toEqual([
      'unit7.service (uid 33)',
      '(no socket here)',
      '(not known)',
    ]);
  });

  test('a host is told by its name, where that is known', () => {
    const chunk = new Chunk();
    const names = namesOf({ '192.0.2.0': 'a.example' });
    const host = noticeOf([aggregateOf()], { ...NO_AGGREGATION, bitsV4: 32 });
    new AggregateFormatter(clock(), SHAPE, names, undefined).notice(host, chunk);
    expect(writtenTo(chunk)).toMatch(/ {2}a\.example\n$/);
  });

  test('lines of events are there where they are asked for', () => {
    const aggregates = (events: boolean) => ({ ...SHAPE, events });
    const lines = [true, false].map((events) => {
      const chunk = new Chunk();
      const shape = { clock: clock(), interface: 'eth0', color: false };
      const formatter = createFormatter('human', { ...shape, aggregates: aggregates(events) });
      formatter.format(rttEvent(), chunk);
      return linesOf(writtenTo(chunk)).length;
    });
    expect(lines).toEqual([1, 0]);
  });

  test('what else pping says has no place there', () => {
    const formatter = new AggregateFormatter(clock(), SHAPE, undefined, undefined);
    expect(formatter.notice(governorNotice(), new Chunk())).toBe(false);
  });
});

describe('for programs', () => {
  /** aggregateOf() has it. */
  const TRAFFIC = {
    sent_packets: 40,
    sent_bytes: 500_000,
    sent_retransmitted_packets: 10,
    sent_retransmitted_bytes: 14_480,
    rec_packets: 30,
    rec_bytes: 20_000,
    rec_retransmitted_packets: 0,
    rec_retransmitted_bytes: 0,
  };

  function objectsOf(aggregates: readonly Aggregate[]): Record<string, unknown>[] {
    const chunk = new Chunk();
    const formatter = new NdjsonFormatter(clock(), undefined);
    const { sides, ...notice } = noticeOf(aggregates);
    formatter.notice({ ...notice, sides }, chunk);
    for (const figures of sides.flatMap(({ parts }) => parts))
      formatter.notice({ ...notice, type: 'aggregate', figures }, chunk);
    return linesOf(writtenTo(chunk)).map((line) => JSON.parse(line));
  }

  test('each is an object with all of it', () => {
    expect(objectsOf([aggregateOf({ place: 4 })])).toEqual([
      {
        type: 'aggregate',
        timestamp: 60e9,
        interval: 1e9,
        side: 'beyond',
        interface: 'eth4',
        prefix: '192.0.2.0/24',
        samples: 12,
        reported: 10,
        overdue: 1,
        ...TRAFFIC,
        rtt_sum: 25_000_000,
        rtt_min: 1_050_000,
        rtt_p50: 1_064_960,
        rtt_p90: 2_129_920,
        rtt_p95: 12_100_000,
        rtt_p99: 12_100_000,
        rtt_max: 12_100_000,
        buckets: [
          [1_048_576, 8],
          [2_097_152, 1],
          [12_058_624, 1],
        ],
      },
    ]);
  });

  test('those without room, and those without an RTT, say so', () => {
    const none = { reported: 0, samples: 0, sum: 0n, least: 0, most: 0, buckets: [] };
    const others = { isOthers: true, network: undefined };
    expect(objectsOf([aggregateOf({ ...none, ...others })])).toEqual([
      {
        type: 'aggregate',
        timestamp: 60e9,
        interval: 1e9,
        side: 'beyond',
        others: true,
        samples: 0,
        reported: 0,
        overdue: 1,
        ...TRAFFIC,
        buckets: [],
      },
    ]);
  });

  test('whose connections they are is told as far as it is known', () => {
    const known = { cgroup: 7n, uid: 33 };
    const owners = [known, 'absent', 'unknown'] as const;
    const objects = objectsOf(owners.map((owner) => aggregateOf({ owner, network: undefined })));
    expect(objects.map(({ unit, uid }) => [unit, uid])).toEqual([
      ['unit7.service', 33],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(objects.map(({ owner }) => owner)).toEqual(['known', 'absent', 'unknown']);
  });
});
