/** RTTs for metrics, from what a run has: events, aggregates, or both. */
import { expect, test } from '@jest/globals';
import { RttConsumer, type RttParts } from '../../src/run/rtt-metrics.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { aggregateOf, dnsAggregateOf } from '../helpers/events/aggregates.js';
import { dnsEvent, overdueEvent, rttEvent } from '../helpers/events/events.js';

const COUNTED = { ...NO_AGGREGATION, interval: 10n };

function consumerWith(parts: Partial<RttParts>): RttConsumer {
  return new RttConsumer({
    ...{ options: { by: 'interface', series: 9 }, where: { netns: 'web' } },
    ...{ aggregation: NO_AGGREGATION, attributionOf: undefined },
    interfaceOf: () => ({ interface: 'eth0' }),
    ...parts,
  });
}

/** One event of each kind, and one aggregate, of which the run has both. */
function acceptAll(consumer: RttConsumer): void {
  consumer.accept(rttEvent({ samples: 3 }));
  consumer.accept(overdueEvent());
  consumer.acceptAggregate(aggregateOf());
}

const told = ({ series }: RttConsumer) => ({
  rtts: Array.from(series.rtts.all(), ({ labels, value }) => ({ labels, samples: value.samples })),
  overdue: Array.from(series.overdue.all(), ({ value }) => value.count),
});

const WHERE = { netns: 'web', interface: 'eth0', side: 'beyond' };

test('without aggregates they are of events', () => {
  const consumer = consumerWith({});
  acceptAll(consumer);
  const labels = { ...WHERE, answer: 'ack' };
  expect(told(consumer)).toEqual({ rtts: [{ labels, samples: 3 }], overdue: [1] });
});

test('of aggregates, what is overdue is in these, and its events are not counted again', () => {
  const consumer = consumerWith({ aggregation: COUNTED });
  acceptAll(consumer);
  expect(told(consumer)).toEqual({ rtts: [{ labels: WHERE, samples: 12 }], overdue: [1] });
});

test('of both they are of events', () => {
  const consumer = consumerWith({ aggregation: { ...COUNTED, events: true } });
  acceptAll(consumer);
  expect(told(consumer)).toMatchObject({ rtts: [{ samples: 3 }], overdue: [1] });
});

test('prefixes have the lengths of aggregates, also of events', () => {
  const aggregation = { ...COUNTED, bitsV4: 8, events: true };
  const consumer = consumerWith({ options: { by: 'prefix', series: 9 }, aggregation });
  consumer.accept(rttEvent());
  expect(told(consumer).rtts[0]?.labels).toMatchObject({ prefix: '192.0.0.0/8' });
});

test('where an owner becomes known, RTTs from then on are of it', () => {
  let comm: string | undefined;
  const attributionOf = () => (comm === undefined ? undefined : { owner: { comm } });
  const consumer = consumerWith({ options: { by: 'owner', series: 9 }, attributionOf });
  const event = rttEvent();
  consumer.accept(event);
  comm = 'caf\u00e9"d';
  consumer.accept(event);
  consumer.refresh(event.flowId);
  consumer.accept(event);
  const owners = told(consumer).rtts.map(({ labels, samples }) => [labels.owner, samples]);
  expect(owners).toEqual([
    ['(not known)', 2 * event.samples],
    ['caf\\u00e9"d', event.samples],
  ]);
});

test('response times of DNS are of events, or of aggregates', () => {
  const accepted = (aggregation: typeof COUNTED | typeof NO_AGGREGATION) => {
    const consumer = consumerWith({ aggregation });
    consumer.accept(dnsEvent());
    consumer.acceptDnsAggregate(dnsAggregateOf());
    const { dns, rtts } = consumer.series;
    expect([...rtts.all()]).toEqual([]);
    return {
      times: Array.from(dns?.times.all() ?? [], ({ labels, value }) => [labels, value.samples]),
      codes: Array.from(dns?.responses.all() ?? [], ({ labels, value }) => [
        ...[labels.rcode, value.count],
      ]),
    };
  };
  const told = { times: [[{ ...WHERE, rcode: 'NOERROR' }, 1]], codes: [['NOERROR', 1]] };
  const codes = [
    ['NOERROR', 9],
    ['SERVFAIL', 1],
  ];
  expect(accepted(NO_AGGREGATION)).toEqual(told);
  expect(accepted({ ...COUNTED, events: true })).toEqual(told);
  expect(accepted(COUNTED)).toEqual({ times: [[WHERE, 10]], codes });
});
