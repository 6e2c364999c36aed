import { describe, expect, test } from '@jest/globals';
import type { KernelEvent } from '../../src/events/types.js';
import { BoundedSeries, type By, type Labels } from '../../src/metrics/series.js';
import { ipv4, rttEvent } from '../helpers/events/events.js';
import { termsOf } from '../helpers/output/metrics.js';

const ACK: Labels = { side: 'beyond', answer: 'ack' };
const DATA: Labels = { side: 'beyond', answer: 'data' };

interface Count {
  count: number;
}

type Counts = BoundedSeries<KernelEvent, Count>;

function seriesOf(by: By, most: number, names: readonly string[] = ['eth0', 'eth1', 'eth2']) {
  return new BoundedSeries<KernelEvent, Count>({
    ...termsOf(by, most, names),
    make: () => ({ count: 0 }),
  });
}

function count(series: Counts, place: number, host: string, kind = ACK): void {
  series.of(rttEvent({ place, srcAddress: ipv4(host) }), kind).count++;
}

const all = (series: Counts) =>
  Array.from(series.all(), ({ labels, value }) => ({ ...labels, count: value.count }));

describe('counted by labels', () => {
  test('none: by kind alone, and that without a bound', () => {
    const series = seriesOf('none', 1);
    count(series, 0, '192.0.2.1');
    count(series, 1, '198.51.100.1');
    count(series, 1, '198.51.100.1', DATA);
    expect(all(series)).toEqual([
      { ...ACK, count: 2 },
      { ...DATA, count: 1 },
    ]);
  });

  test('interface: and by where it was, two places of one name together', () => {
    const series = seriesOf('interface', 9, ['eth0', 'eth1', 'eth0']);
    for (const place of [0, 1, 2]) count(series, place, '192.0.2.1');
    expect(all(series)).toEqual([
      { interface: 'eth0', ...ACK, count: 2 },
      { interface: 'eth1', ...ACK, count: 1 },
    ]);
  });

  test('prefix: and by the prefix of the host', () => {
    const series = seriesOf('prefix', 9);
    for (const host of ['192.0.2.1', '192.0.2.200', '192.0.3.1']) count(series, 0, host);
    expect(all(series)).toEqual([
      { interface: 'eth0', ...ACK, prefix: '192.0.2.0/24', count: 2 },
      { interface: 'eth0', ...ACK, prefix: '192.0.3.0/24', count: 1 },
    ]);
  });

  test('owner: and by whose the connection is, wherever it was', () => {
    const series = seriesOf('owner', 9);
    for (const [place, srcPort] of [
      [0, 80],
      [1, 80],
      [1, 443],
    ] as const) {
      series.of(rttEvent({ place, srcPort }), ACK).count++;
    }
    expect(all(series)).toEqual([
      { ...ACK, owner: 'port 80', count: 2 },
      { ...ACK, owner: 'port 443', count: 1 },
    ]);
  });

  test('an owner of the name that stands for the rest is counted with it: no two series are alike', () => {
    const series = new BoundedSeries<{ place: undefined; owner: string }, Count>({
      most: 3,
      labelsOf: undefined,
      division: {
        label: 'owner',
        keyOf: ({ owner }) => owner,
        textOf: ({ owner }) => owner,
      },
      make: () => ({ count: 0 }),
    });
    for (const owner of ['others', 'a', 'b', 'c', 'd']) {
      series.of({ place: undefined, owner }, ACK).count++;
    }
    const counts = Array.from(series.all(), ({ labels, value }) => [labels.owner, value.count]);
    expect(counts.filter(([owner]) => owner === 'others')).toHaveLength(1);
    expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(5);
  });

  test('after interfaces have got other names, under the new ones', () => {
    const names = ['eth0'];
    const series = seriesOf('interface', 9, names);
    count(series, 0, '192.0.2.1');
    names[0] = 'wan';
    count(series, 0, '192.0.2.1');
    series.refreshAll();
    count(series, 0, '192.0.2.1');
    expect(all(series)).toEqual([
      { interface: 'eth0', ...ACK, count: 2 },
      { interface: 'wan', ...ACK, count: 1 },
    ]);
  });
});

describe('the bound', () => {
  test('of prefixes: the others of an interface are together', () => {
    const series = seriesOf('prefix', 3);
    for (const host of ['192.0.2.1', '192.0.3.1', '192.0.4.1', '192.0.5.1', '192.0.2.2']) {
      count(series, 0, host);
    }
    expect(all(series)).toEqual([
      { interface: 'eth0', ...ACK, prefix: '192.0.2.0/24', count: 2 },
      { interface: 'eth0', ...ACK, prefix: '192.0.3.0/24', count: 1 },
      { interface: 'eth0', ...ACK, prefix: 'others', count: 2 },
    ]);
  });

  test('of interfaces, whatever they are told apart by: the others of each kind are together', () => {
    const series = seriesOf('interface', 2);
    for (const place of [0, 1, 2, 3, 2]) count(series, place, '192.0.2.1');
    count(series, 0, '192.0.2.1', DATA);
    expect(all(series)).toEqual([
      { interface: 'eth0', ...ACK, count: 1 },
      { interface: 'eth1', ...ACK, count: 1 },
      { interface: 'others', ...ACK, count: 3 },
      { interface: 'others', ...DATA, count: 1 },
    ]);
  });

  test('of owners: the others are together', () => {
    const series = seriesOf('owner', 3);
    for (const srcPort of [1, 2, 3, 4, 1]) series.of(rttEvent({ srcPort }), ACK).count++;
    expect(all(series)).toEqual([
      { ...ACK, owner: 'port 1', count: 2 },
      { ...ACK, owner: 'port 2', count: 1 },
      { ...ACK, owner: 'others', count: 2 },
    ]);
  });

  test('of both: an interface that there is no room for is among the others, with all of its hosts', () => {
    const series = seriesOf('prefix', 3);
    for (const host of ['192.0.2.1', '192.0.3.1']) count(series, 0, host);
    for (const place of [1, 2]) count(series, place, '192.0.2.1');
    expect(all(series)).toEqual([
      { interface: 'eth0', ...ACK, prefix: '192.0.2.0/24', count: 1 },
      { interface: 'eth0', ...ACK, prefix: '192.0.3.0/24', count: 1 },
      { interface: 'others', ...ACK, prefix: 'others', count: 2 },
    ]);
  });

  test('holds, and nothing is lost, however many there are', () => {
    const [most, events] = [100, 5_000];
    const series = seriesOf(
      'prefix',
      most,
      Array.from({ length: 70 }, (_, at) => `veth${at}`),
    );
    for (let at = 0; at < events; at++) {
      count(series, at % 70, `10.${at % 251}.${at % 13}.1`, at % 3 === 0 ? DATA : ACK);
    }
    const counted = all(series);
    const others = counted.filter((each) => 'interface' in each && each.interface === 'others');
    expect(others).toHaveLength(2);
    expect(counted.length - others.length).toBeLessThanOrEqual(most);
    expect(counted.reduce((sum, each) => sum + each.count, 0)).toBe(events);
  });
});
