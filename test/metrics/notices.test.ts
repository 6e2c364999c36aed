import { expect, test } from '@jest/globals';
import { NoticeCounts } from '../../src/metrics/notices.js';
import { governorNotice, runTotals } from '../helpers/events/events.js';

test('notices are counted by what they say, and are among no data because of that', () => {
  const counts = new NoticeCounts();
  const timestamp = 1n;
  const attached = { change: 'attached', interface: 'eth0' } as const;
  const told = [
    counts.notice(governorNotice()),
    counts.notice(governorNotice()),
    counts.notice({ ...governorNotice(), step: 'down' }),
    counts.notice({ type: 'interface', timestamp, change: attached }),
    counts.notice({ type: 'summary', timestamp, final: true, totals: runTotals() }),
  ];
  expect(told).toEqual(Array(5).fill(false));
  expect(counts.governorSteps.all()).toEqual([
    [{ map: 'flows', step: 'up' }, 0],
    [{ map: 'flows', step: 'down' }, 0],
    [{ map: 'timestamps', step: 'up' }, 2],
    [{ map: 'timestamps', step: 'down' }, 1],
  ]);
  expect(counts.interfaceChanges.all()).toEqual([
    [{ change: 'attached' }, 1],
    ...['detached', 'refused', 'renamed'].map((change) => [{ change }, 0]),
  ]);
  expect(counts.visibilityChanges.all()).toEqual(
    ['moved', 'preceded', 'hidden'].map((change) => [{ change }, 0]),
  );
  expect(counts.routeChanges).toBe(0);
});
