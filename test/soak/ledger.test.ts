import { expect, test } from '@jest/globals';
import { DatagramLedger } from '../../soak/datagram-ledger.js';
import { Ledger } from '../../soak/ledger.js';
import { OwnerLedger } from '../../soak/owner-ledger.js';

const SECOND = 1e9;

const ledgerOf = (...lines: (object | string)[]) => {
  const ledger = new Ledger(10 * SECOND);
  for (const line of lines) ledger.take(typeof line === 'string' ? line : JSON.stringify(line));
  return ledger;
};
const rtt = (rtt: number, rest = {}) => ({ type: 'rtt', rtt, min_rtt: rtt, srtt: rtt, ...rest });
const flow = (flow_event: string, flow_id: number) => ({ type: 'flow', flow_event, flow_id });

test('sums up what each line says', () => {
  const ledger = ledgerOf(
    flow('opening', 1),
    rtt(5_000),
    rtt(7_000, { samples: 3, min_rtt: 5_000 }),
    flow('closing', 1),
    { type: 'loss', lost_rtts: 4, lost_flow_events: 5 },
    { type: 'overdue', waited: 2 * SECOND },
    { type: 'dns', response_time: 5_000 },
    { type: 'visibility', change: 'moved', hook: 'ingress', programs: [{ id: 7 }] },
    { type: 'governor', step: 'up' },
    { type: 'governor', step: 'down' },
    { type: 'summary', final: true },
  );
  expect(ledger).toMatchObject({
    lines: 11,
    rtts: 2,
    samples: 4,
    openings: 1,
    closings: 1,
    overdue: 1,
    queries: 1,
    visibilityChanges: 1,
    stepsUp: 1,
    lostRtts: 4,
    lostFlowEvents: 5,
    greatestRtt: 7_000,
    broken: 0,
    implausible: 0,
    disordered: 0,
    last: { final: true },
  });
});

test('what is told of owners and of datagrams is judged, too', () => {
  const [owners, datagrams] = [new OwnerLedger(), new DatagramLedger()];
  const ledger = new Ledger(10 * SECOND, { owners, datagrams });
  owners.expectDatagrams(7);
  const asked = { type: 'dns', protocol: 'DNS', pid: 7, comm: 'datagrams', query_id: 1 };
  for (const line of [
    { ...asked, response_time: 5_000_000 },
    { ...asked, pid: 8 },
  ])
    ledger.take(JSON.stringify(line));
  expect(owners).toMatchObject({ right: 1, wrong: 1 });
  expect(datagrams).toMatchObject({ unanswered: 1, told: { dns: { lines: 1 } } });
});

test('the last summary is the latest, whichever output it comes through', () => {
  const summary = (timestamp: number) => ({ type: 'summary', timestamp });
  expect(ledgerOf(summary(5), summary(9), summary(7)).last).toEqual(summary(9));
});

test.each([
  ['half a line', '{"type":"rtt","rtt":5'],
  ['two in one', '{"type":"rtt"{"type":"rtt"}'],
  ['not an object', '5'],
  ['of no known type', '{"type":"other"}'],
])('%s is broken', (_, line) => {
  expect(ledgerOf(line)).toMatchObject({ broken: 1, brokenLines: [line] });
});

test.each([
  ['none', rtt(0)],
  ['negative', rtt(-1)],
  ['longer than anything waits', rtt(10 * SECOND + 1)],
  ['less than the least', rtt(5_000, { min_rtt: 5_001 })],
  ['missing', { type: 'rtt', min_rtt: 1, srtt: 1 }],
])('an RTT that is %s is implausible', (_, line) => {
  expect(ledgerOf(line)).toMatchObject({ rtts: 1, implausible: 1 });
});

test.each([
  ['opened twice', [flow('opening', 1), flow('opening', 1)]],
  ['closed twice', [flow('opening', 1), flow('closing', 1), flow('closing', 1)]],
  ['closed without having been opened', [flow('closing', 1)]],
])('a flow that is %s is out of order', (_, lines) => {
  expect(ledgerOf(...lines).disordered).toBe(1);
});

test('that a flow was not measured is no closing', () => {
  const lines = [
    flow('unmeasured', 2),
    flow('opening', 1),
    flow('closing', 1),
    flow('unmeasured', 1),
  ];
  expect(ledgerOf(...lines)).toMatchObject({ openings: 1, closings: 1, disordered: 0 });
});
