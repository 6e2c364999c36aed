import { expect, jest, test } from '@jest/globals';
import { LossReporter, type LossReporterParts } from '../../src/run/loss-reporter.js';
import { countersOf } from '../helpers/events/events.js';

function reporter(dropped = 0) {
  const pump = { lose: jest.fn(), ending: { acceptCarried: jest.fn(), acceptCount: jest.fn() } };
  const parts = { pump, sink: { dropped }, now: () => 5n } as unknown as LossReporterParts;
  return { losses: new LossReporter(parts), pump };
}

test('what has been lost since the last time is an event', () => {
  const { losses, pump } = reporter();
  losses.report(countersOf({ rttEventsLost: 3, flowEventsLost: 1 }));
  losses.report(countersOf({ rttEventsLost: 3, flowEventsLost: 1 }));
  losses.report(countersOf({ rttEventsLost: 3, flowEventsLost: 2 }));
  expect(pump.lose.mock.calls).toEqual([
    [{ type: 'loss', timestamp: 5n, lostRtts: 3, lostFlowEvents: 1 }],
    [{ type: 'loss', timestamp: 5n, lostRtts: 0, lostFlowEvents: 1 }],
  ]);
});

test('lines that the output has lost count as well for what may end a run', () => {
  const { losses, pump } = reporter(10);
  losses.report(countersOf({ rttEventsLost: 3, flowEventsLost: 1 }));
  expect(pump.ending.acceptCount).toHaveBeenCalledWith('events-lost', 14);
});
