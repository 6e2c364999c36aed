import { describe, expect, test } from '@jest/globals';
import { DatagramLedger, type DatagramLine } from '../../soak/datagram-ledger.js';

const MS = 1_000_000;
const LINE: DatagramLine = {
  ...{ type: 'rtt', protocol: 'QUIC', timestamp: 1_795_890_950_000 * MS, rtt: 6 * MS },
  ...{ src_ip: '10.77.0.2', src_port: 443, dest_ip: '10.77.0.1', dest_port: 37_946 },
  match_on_egress: false,
};

function ledgerOf(...lines: Partial<DatagramLine>[]): DatagramLedger {
  const ledger = new DatagramLedger();
  for (const line of lines) ledger.take({ ...LINE, ...line }, JSON.stringify(line));
  return ledger;
}

test('sums up by kind what is told', () => {
  const ledger = ledgerOf(
    {},
    { src_port: 444, rtt: 9 * MS, samples: 3 },
    { src_port: 445, match_on_egress: true, rtt: MS },
    { protocol: 'ICMP', rtt: 7 * MS },
    { protocol: 'ICMPv6', rtt: 8 * MS },
    { type: 'dns', protocol: 'DNS', rtt: undefined, response_time: 5 * MS, query_id: 1 } as never,
    { type: 'dns', protocol: 'DNS', rtt: undefined, query_id: 2 } as never,
    { protocol: 'TCP', rtt: 1 },
  );
  expect(ledger.told.quic).toMatchObject({
    ...{ lines: 3, samples: 5, least: 6 * MS, greatest: 9 * MS },
    greatestLine: JSON.stringify({ src_port: 444, rtt: 9 * MS, samples: 3 }),
  });
  expect(ledger.told.icmp).toMatchObject({ lines: 2, least: 7 * MS, greatest: 8 * MS });
  expect(ledger.told.dns).toMatchObject({ lines: 1, least: 5 * MS });
  expect(ledger).toMatchObject({ unanswered: 1, tooShort: 0, twice: 0, wrongSpins: 0 });
});

test('what the server cannot have answered so soon is too short', () => {
  expect(ledgerOf({ rtt: 5 * MS - 1 })).toMatchObject({
    tooShort: 1,
    examples: [`{"rtt":4999999}`],
  });
});

describe('an answer to the same question', () => {
  const later = (ns: number, rest: Partial<DatagramLine> = {}) => ({
    timestamp: LINE.timestamp + ns,
    ...rest,
  });
  test.each<[string, number, Partial<DatagramLine>]>([
    ['a moment later', 1, later(MS, { rtt: 7 * MS })],
    ['the same line', 1, {}],
    ['to the next question', 0, later(7 * MS)],
    ['on the other side', 0, later(MS, { rtt: 7 * MS, match_on_egress: true })],
    ['of another flow', 0, later(MS, { rtt: 7 * MS, dest_port: 5 })],
    ['of another query', 0, later(MS, { rtt: 7 * MS, query_id: 5 })],
  ])('%s: told twice %d times', (_, twice, line) => {
    expect(ledgerOf({}, line).twice).toBe(twice);
  });

  test('not beyond those that were told last', () => {
    const ledger = ledgerOf({});
    for (let other = 0; other < 65_536; other++)
      ledger.take({ ...LINE, src_port: 1, dest_port: other }, '');
    ledger.take(LINE, '');
    expect(ledger.twice).toBe(0);
  });
});

test('by the spin bit there is nothing to tell of ends that do not reflect it', () => {
  const lines = [{ by: 'spin_bit' }, { by: 'spin_bit', src_port: 4433 }, { src_port: 4433 }];
  expect(ledgerOf(...lines)).toMatchObject({ bySpin: 2, wrongSpins: 1 });
});
