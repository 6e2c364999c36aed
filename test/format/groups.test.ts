import { describe, expect, test } from '@jest/globals';
import { ownerLines, peerLines } from '../../src/format/groups.js';
import { Totals } from '../../src/summary/totals.js';
import { DOCUMENTATION_A, ipv4, rttEvent, runTotals } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';

const MS = 1e6;

/** Each of them with a flow; a later one waits longer. */
function sideOf(...addresses: readonly (readonly [address: Uint8Array, ipVersion: 4 | 6])[]) {
  const totals = new Totals();
  addresses.forEach(([srcAddress, ipVersion], index) => {
    for (const rtt of [2 * MS, (3 + index) * MS, (3 + index) * MS]) {
      totals.accept(rttEvent({ srcAddress, ipVersion, flowId: index, rtt, intervalMinRtt: rtt }));
    }
  });
  const [side] = totals.with(runTotals()).sides;
  if (!side) throw new Error('nothing was recorded');
  return side;
}

const hosts = (count: number) =>
  Array.from({ length: count }, (_, index) => [ipv4(`10.0.0.${index}`), 4] as const);

test('hosts are lines of a table, the worst first, all times in milliseconds', () => {
  const lines = peerLines(sideOf([ipv4('10.0.0.1'), 4], [DOCUMENTATION_A, 6]));
  expect(lines).toEqual([
    '  peer, ms    flows samples    min    p50    p99 queueing retrans',
    '  2001:db8::1     1       3   2.00   4.00   4.00     2.00       -',
    '  10.0.0.1        1       3   2.00   3.00   3.00     1.00       -',
  ]);
});

describe('of many hosts', () => {
  test('the ten worst are shown, and how many there are', () => {
    const lines = peerLines(sideOf(...hosts(37)));
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/^ {2}worst 10 of 37 peers, ms flows /);
    expect(lines.slice(1).map((line) => /\.(\d+) /.exec(line)?.[1])).toEqual([
      '36',
      '35',
      '34',
      '33',
      '32',
      '31',
      '30',
      '29',
      '28',
      '27',
    ]);
    expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  });

  test.each([1, 10])('%d are all there are', (count) => {
    expect(peerLines(sideOf(...hosts(count)))[0]).toMatch(/^ {2}peer, ms /);
  });
});

test.each([
  [0, undefined],
  [1, '  (1 peer forgotten: table full)'],
  [1_201, '  (1201 peers forgotten: table full)'],
])('%d that were forgotten are told below', (forgotten, line) => {
  const side = sideOf(...hosts(1));
  expect(peerLines({ ...side, peers: { ...side.peers, forgotten } })[2]).toBe(line);
});

describe('owners', () => {
  const figures = {
    flows: 1,
    samples: 3,
    least: 2 * MS,
    median: 3 * MS,
    p99: 3 * MS,
    queueing: MS,
    kind: 'all',
    answered: 'kernel',
    bytes: 0,
    resent: 0.0234,
  } as const;
  const linesOf = (...labels: readonly string[]) => {
    const worst = labels.map((label) => ({ label, ...figures }));
    return ownerLines({ ...sideOf(...hosts(1)), owners: { worst, size: 37, forgotten: 2 } });
  };

  test('are lines of the same table', () => {
    expect(linesOf('nginx.service', '(no socket here)')).toEqual([
      '  worst 2 of 37 owners, ms flows samples    min    p50    p99 queueing retrans',
      '  nginx.service                1       3   2.00   3.00   3.00     1.00    2.3%',
      '  (no socket here)             1       3   2.00   3.00   3.00     1.00    2.3%',
      '  (2 owners forgotten: table full)',
    ]);
  });

  test('that only listen are explained, below the table', () => {
    const note = '  listener: it was not known, or not yet, which process accepted the connection';
    expect(linesOf('python3', 'listener python3').at(-1)).toBe(note);
    expect(linesOf('python3', 'my-listener')).not.toContain(note);
  });

  test('have names that no terminal obeys', () => {
    expect(linesOf('a\u001b[2J\nb')[1]).toMatch(/^ {2}a\\u001b\[2J\\u000ab {3}/);
  });

  test('with names longer than their column have them on a line of its own', () => {
    const [heading, name, line] = linesOf('kubepods-burstable.slice/web');
    expect(name).toBe('  kubepods-burstable.slice/web');
    expect(line).toMatch(/^ {33}1 +3 /);
    expect(line).toHaveLength(heading?.length ?? 0);
    expect(line).toHaveLength(80);
  });

  test('with names longer than a line are cut in the middle', () => {
    const [, name] = linesOf(`/first/${'x'.repeat(4_000)}/last`);
    expect(name).toMatch(/^ {2}\/first\/x+…x+\/last$/);
    expect(name).toHaveLength(80);
  });
});

test('hosts have their names, where these are known', () => {
  const side = sideOf([ipv4('10.0.0.1'), 4], [DOCUMENTATION_A, 6]);
  const lines = peerLines(side, namesOf({ '10.0.0.1': 'db1.example' })).join('\n');
  expect(lines).toMatch(/^ {2}db1\.example +1 /m);
  expect(lines).toMatch(/^ {2}2001:db8::1 +1 /m);
});

describe('a row says what answered, where that is not what its side is told by', () => {
  /** On a side whose answers with data are late, but not those of every host. */
  function mixed(...others: readonly (readonly [string | Uint8Array, 'alike' | 'data' | 'ack'])[]) {
    const totals = new Totals();
    for (let n = 0; n < 40; n++) {
      totals.accept(rttEvent({ rtt: 10 * MS }));
      totals.accept(rttEvent({ rtt: 60 * MS, answer: 'data' }));
    }
    for (const [at, [host, kind]] of others.entries()) {
      const isV6 = typeof host !== 'string';
      const ends = { srcAddress: isV6 ? host : ipv4(host), ipVersion: isV6 ? 6 : 4 } as const;
      for (let n = 0; n < 6; n++) {
        const answer = kind === 'data' || (kind === 'alike' && n % 2 > 0) ? 'data' : 'ack';
        totals.accept(rttEvent({ ...ends, flowId: 50 + at, rtt: 5 * MS, answer }));
      }
    }
    const [side] = totals.with(runTotals()).sides;
    if (side?.path.kind !== 'kernel') throw new Error('it is not told by ACKs');
    return side;
  }

  const marksOf = (lines: readonly string[]) =>
    Object.fromEntries(
      lines.slice(1).map((line) => [line.trim().split(' ')[0], /- {2}(.+)$/.exec(line)?.[1]]),
    );

  test('and none where it is', () => {
    const side = mixed(['10.0.0.1', 'alike'], ['10.0.0.2', 'data'], ['10.0.0.3', 'ack']);
    expect(marksOf(peerLines(side))).toEqual({
      ...{ '192.0.2.1': undefined, '10.0.0.1': 'all' },
      ...{ '10.0.0.2': 'data', '10.0.0.3': undefined },
    });
  });

  test('within 80 columns', () => {
    const long = Buffer.from('20010db8111122223333444455556666', 'hex');
    const [heading, ...lines] = peerLines(mixed([long, 'data']));
    expect(heading).toHaveLength(74);
    expect(lines.at(-2)).toBe('  2001:db8:1111:2222:3333:4444:5555:6666');
    expect(lines.at(-1)).toMatch(/^ {22}.* {2}data$/);
    expect(lines.at(-1)).toHaveLength(80);
  });
});
