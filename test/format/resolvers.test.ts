/** The table of resolvers, for people and for programs. */
import { describe, expect, test } from '@jest/globals';
import { dnsTotalsFields } from '../../src/format/ndjson-resolvers.js';
import { resolverLines } from '../../src/format/resolvers.js';
import { Resolvers } from '../../src/summary/resolvers.js';
import { Totals } from '../../src/summary/totals.js';
import { dnsEvent, ipv4, ipv6, runTotals } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';

const MS = 1_000_000;
const UNANSWERED = { responseTime: undefined, rcode: undefined, waited: 10_000 * MS };
const NO_CODES = {
  ...{ noerror: 0, formerr: 0, servfail: 0, nxdomain: 0, notimp: 0, refused: 0, other_rcodes: 0 },
  truncated_responses: 0,
};
const LONG = ipv6(0x2001, 0xdb8, 0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666);
type Overrides = Parameters<typeof dnsEvent>[0];

function rankingOf(events: readonly Overrides[], terms = {}, most = 10) {
  const resolvers = new Resolvers(terms);
  for (const event of events) resolvers.accept(dnsEvent(event));
  return resolvers.ranking(most);
}

const EVENTS = [
  ...[10, 12.3, 200].map((ms) => ({ responseTime: ms * MS })),
  ...['SERVFAIL', 'REFUSED', 'SERVFAIL'].map((rcode) => ({ responseTime: 12.3 * MS, rcode })),
  ...[UNANSWERED, UNANSWERED],
  { srcAddress: ipv4('10.0.0.1'), srcPort: 5_353, ...UNANSWERED },
];

describe('for people', () => {
  test('columns line up; failures are told below', () => {
    expect(resolverLines(rankingOf(EVENTS))).toEqual([
      '  resolver, ms  queries unanswered failed    min    p50    p99    max',
      '  192.0.2.1           8          2      3   10.0   12.3    200    200',
      '  10.0.0.1:5353       1          1      0      -      -      -      -',
      '  192.0.2.1: 2 SERVFAIL, 1 REFUSED',
    ]);
  });

  test('none where no resolver was asked', () => expect(resolverLines(rankingOf([]))).toEqual([]));

  test('a long address has a line of its own, and all fit 80 columns', () => {
    const lines = resolverLines(rankingOf([{ srcAddress: LONG, ipVersion: 6 }]));
    expect(lines[1]).toBe('  2001:db8:1111:2222:3333:4444:5555:6666');
    expect(lines[2]).toMatch(/^ {26} {7}1 {10}0 /);
    expect(lines.every(({ length }) => length <= 80)).toBe(true);
  });

  test('where they are on both sides of the interface each says on which', () => {
    const lines = resolverLines(rankingOf([{}, {}, { matchOnEgress: true }]));
    expect(lines.slice(1).map((line) => line.slice(0, 11))).toEqual(['> 192.0.2.1', '< 192.0.2.1']);
  });

  test('of many it is said how many there are, and were', () => {
    const events = Array.from({ length: 50 }, (_, host) => ({
      srcAddress: ipv4(`10.0.0.${host}`),
    }));
    const [title, ...rows] = resolverLines(rankingOf(events, { answering: 40 }, 3));
    expect(title).toMatch(/^ {2}3 of 30 resolvers, ms /);
    expect(rows).toHaveLength(4);
    expect(rows.at(-1)).toBe('  (20 resolvers forgotten: table full)');
  });

  test('a failure without a name is no number beside a count', () => {
    const events = [{ rcode: '12' }, { rcode: '12' }, { rcode: 'SERVFAIL' }];
    expect(resolverLines(rankingOf(events)).at(-1)).toBe('  192.0.2.1: 2 RCODE12, 1 SERVFAIL');
  });

  test('they have their names, once these are known', () => {
    const names = namesOf({});
    names.learn('192.0.2.1', 'ns1.example');
    expect(resolverLines(rankingOf([{}]), names)[1]).toMatch(/^ {2}ns1\.example /);
  });
});

describe('for programs', () => {
  const objectOf = (events: readonly Overrides[]) => {
    const totals = new Totals();
    for (const event of events) totals.accept(dnsEvent(event));
    const { dns } = totals.with(runTotals());
    return dns && JSON.parse(`{${dnsTotalsFields(dns)}}`);
  };

  test('each is an object, and how many there are is told', () => {
    const times = { min: 10 * MS, p50: 12.3 * MS, p99: 200 * MS, max: 200 * MS };
    const object = objectOf(EVENTS);
    expect(object).toMatchObject({
      ...{ queries: 9, responses: 6, unanswered: 3, resolver_count: 2 },
      ...{ ...NO_CODES, noerror: 3, servfail: 2, refused: 1 },
    });
    expect(object.resolvers[0]).toMatchObject({
      ...{ side: 'beyond', src_ip: '192.0.2.1', src_port: 53, queries: 8, responses: 6 },
      ...{ unanswered: 2, ...NO_CODES, noerror: 3, servfail: 2, refused: 1 },
      ...{ response_time_min: times.min, response_time_max: times.max },
    });
    expect(Math.abs(object.resolvers[0].response_time_p50 / times.p50 - 1)).toBeLessThan(0.002);
    expect(object.resolvers[1]).toEqual({
      ...{ side: 'beyond', src_ip: '10.0.0.1', src_port: 5_353, queries: 1, responses: 0 },
      ...{ unanswered: 1, ...NO_CODES },
    });
  });

  test('each code has its field, and so have those without one together', () => {
    const rcodes = ['FORMERR', 'NXDOMAIN', 'NOTIMP', 'YXDOMAIN', '12'];
    const object = objectOf(rcodes.map((rcode) => ({ rcode, truncated: rcode === '12' })));
    const codes = { ...NO_CODES, formerr: 1, nxdomain: 1, notimp: 1, other_rcodes: 2 };
    expect(object).toMatchObject({ ...codes, truncated_responses: 1 });
    expect(object.resolvers).toMatchObject([{ ...codes, truncated_responses: 1 }]);
  });

  test('none where no query was seen', () => expect(objectOf([])).toBeUndefined());
});
