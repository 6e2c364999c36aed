import { expect, test } from '@jest/globals';
import { parseRecord } from '../../src/report/records.js';
import { aggregateLine, RUN_START_S } from '../helpers/events/runs.js';

const LINE = aggregateLine({
  atMs: 10_000,
  prefix: '192.0.2.0/24',
  buckets: [
    [1024, 2],
    [2 ** 36, 1],
  ],
  samples: 5,
  overdue: 4,
});

test('an aggregate has its buckets by their indices', () => {
  expect(parseRecord(LINE)).toEqual({
    ...{ type: 'aggregate', time: (RUN_START_S + 10) * 1e9, interface: 'eth0', capture: undefined },
    ...{
      length: 1e10,
      side: 0,
      protocol: 'TCP',
      prefix: '192.0.2.0/24',
      owner: undefined,
      isOthers: false,
    },
    counted: {
      ...{ samples: 5, reported: 3, overdue: 4, least: 1024, most: 2 ** 36 + 1 },
      buckets: [1, 2, 833, 1],
    },
  });
});

test('it may be of others, of all, of the other side, and of data that was not answered', () => {
  const others = aggregateLine({
    atMs: 1e4,
    side: 'behind',
    others: true,
    buckets: [[0, 1]],
    at: {},
  });
  expect(parseRecord(others)).toMatchObject({ side: 1, isOthers: true, prefix: undefined });
  expect(parseRecord(others)?.interface).toBeUndefined();
  const overdue = aggregateLine({ atMs: 1e4, side: 'unknown', buckets: [], overdue: 2 });
  expect(parseRecord(overdue)).toMatchObject({
    side: 2,
    counted: { samples: 0, reported: 0, overdue: 2, least: 0, most: 0, buckets: [] },
  });
});

test.each([
  ['"owner":"known","unit":"a.service","cgroup":"/x","uid":7', 'a.service (uid 7)'],
  ['"owner":"known","container":"0123456789abcdef","unit":"a.service"', 'container 0123456789ab'],
  ['"owner":"known","pod":"1-2","cgroup":"/x"', 'pod 1-2'],
  ['"owner":"known","container":"0123456789abcdef","container_name":"web"', 'container web'],
  [
    '"owner":"known","container":"01","container_name":"app","pod":"1-2","pod_name":"cart","namespace":"shop"',
    'container shop/cart/app',
  ],
  ['"owner":"known","pod":"1-2","pod_name":"cart","namespace":"shop"', 'pod shop/cart'],
  ['"owner":"known","cgroup":"/x"', '/x'],
  ['"owner":"known","uid":7', 'uid 7'],
  ['"owner":"known","cgroup":"/","uid":7', 'uid 7'],
  ['"owner":"known"', '(not known)'],
  ['"owner":"unknown"', '(not known)'],
  ['"owner":"absent"', '(no socket here)'],
])('of an owner with %s it has the name: %s', (fields, owner) => {
  expect(parseRecord(LINE.replace('"prefix":"192.0.2.0/24"', fields))).toMatchObject({
    ...{ owner, prefix: undefined },
  });
});

test.each([
  ['a side that there is not', '"beyond"', '"above"'],
  ['no interval', '"interval":10000000000', '"interval":null'],
  ['an interval before all time', '"interval":10000000000', '"interval":9e18'],
  ['no samples', '"samples":5', '"samples":-1'],
  ['no overdue', '"overdue":4', '"overdue":"4"'],
  ['counts that do not add up', '[1024,2]', '[1024,3]'],
  ['a bucket that there is not', '[1024,2]', '[1025,2]'],
  ['buckets in another order', '[[1024,2],[68719476736,1]]', '[[68719476736,1],[1024,2]]'],
  ['a bucket twice', '[1024,2]', '[1024,1],[1024,1]'],
  ['a count that is none', '[1024,2]', '[1024,2.5]'],
  ['a bucket that is none', '[1024,2]', '1024'],
  ['no buckets', '"buckets":[[1024,2],[68719476736,1]]', '"buckets":{}'],
  ['a least above the most', '"rtt_min":1024', '"rtt_min":68719476739'],
])("%s: none of pping's", (_, part, instead) => {
  expect(LINE).toContain(part);
  expect(parseRecord(LINE.replace(part, instead))).toBeUndefined();
});
