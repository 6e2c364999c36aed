/** The summary has names of its hosts, also where nobody has asked for them before. */
import { expect, test } from '@jest/globals';
import { NOTHING_SWEPT } from '../../src/core/sweep.js';
import { Clock } from '../../src/format/clock.js';
import { FoundNames, type ReverseLookup } from '../../src/resolver/found-names.js';
import { Ending } from '../../src/run/ending.js';
import { Pump } from '../../src/run/pump.js';
import { Reporter } from '../../src/run/reporter.js';
import type { Source } from '../../src/run/source.js';
import { Sweeper } from '../../src/run/sweeper.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput } from '../../src/sink/open.js';
import { Totals } from '../../src/summary/totals.js';
import { countersOf, rttEvent } from '../helpers/events/events.js';
import { SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();

const SOURCE: Source = {
  drain: () => 0,
  set: () => {},
  sweep: async () => NOTHING_SWEPT,
  counters: () => countersOf(),
  close: () => {},
};

/** Of a run with an RTT to 192.0.2.1. */
function reporterWith(names: FoundNames | undefined) {
  const said: string[] = [];
  const totals = new Totals();
  totals.accept(rttEvent());
  const options = { settings: DEFAULT_SETTINGS, capacity: DEFAULT_CAPACITY };
  const quiet = { makeRoom: () => {}, onStep: () => {} };
  const ending = new Ending({ totals, count: 2, conditions: [], onEnough: () => {} });
  const reporter = new Reporter({
    source: SOURCE,
    sweeper: new Sweeper({ options, source: SOURCE, ...quiet }),
    pump: new Pump({ consumers: [], ending }),
    totals,
    sink: new FileSink(openOutput(inFolder('out')), new SinkLog()),
    clock: new Clock(0n),
    capacity: DEFAULT_CAPACITY,
    interface: 'eth0',
    names,
    notify: (text) => said.push(text),
  });
  return { reporter, said };
}

const LOOKUP: ReverseLookup = {
  known: () => undefined,
  reverse: async (address) => [`${address === '192.0.2.1' ? 'db1' : 'other'}.example`],
  cancel: () => {},
};

test('names are found before the summary is told', async () => {
  const names = new FoundNames(LOOKUP);
  const { reporter, said } = reporterWith(names);
  await reporter.findNames();
  names.close();
  reporter.reportState();
  expect(said.at(-1)).toMatch(/^ {2}db1\.example +1 /m);
});

test('without --resolve hosts have their addresses, and nothing is waited for', async () => {
  const { reporter, said } = reporterWith(undefined);
  await reporter.findNames();
  reporter.reportState();
  expect(said.at(-1)).toMatch(/^ {2}192\.0\.2\.1 +1 /m);
});
