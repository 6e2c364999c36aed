import { expect, test } from '@jest/globals';
import type { LiveSource } from '../../src/live/source.js';
import type { Consumer } from '../../src/run/consumer.js';
import { Ending } from '../../src/run/ending.js';
import { InterfaceWatch } from '../../src/run/interface-watch.js';
import { Pump } from '../../src/run/pump.js';
import { Totals } from '../../src/summary/totals.js';
import type { InterfaceChange } from '../../src/visibility/interface-change.js';

test('what has become of an interface is handed on at once, also where no events come', async () => {
  const change: InterfaceChange = { change: 'attached', interface: 'eth1' };
  const written: string[] = [];
  const consumer: Consumer = {
    accept: () => {},
    notice: ({ type }) => written.push(type) > 0,
    flush: () => written.push('flushed'),
  };
  const watch = new InterfaceWatch({
    source: { follow: async () => [change] } as unknown as LiveSource,
    pump: new Pump({
      consumers: [consumer],
      ending: new Ending({ totals: new Totals(), count: 1, conditions: [], onEnough: () => {} }),
    }),
    notify: () => {},
    now: () => 1n,
  });
  await watch.follow();
  expect(written).toEqual(['interface', 'flushed']);
});
