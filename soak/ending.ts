// How a soak ends: at rest, then without a packet, then without the monitor.

import { isLoaded, ppingFilters } from '../lab/attached.js';
import { until } from '../lab/until.js';
import type { Evidence } from './checks.js';
import type { Descriptors } from './descriptors.js';
import { packetsCrossed } from './ground.js';
import type { Summary } from './ledger.js';
import { Monitor } from './monitor.js';
import { type Run, setRate, settledDescriptors } from './run.js';
import { judgeEnd } from './wrong-ends.js';

const QUIET_MS = 120_000;
const LOOKS_AT_REST = 4;
const NO_PACKET_MS = 500;
const END_MS = 120_000;

type Rested = Pick<Evidence, 'atRest' | 'churn'> & { readonly descriptors: Descriptors };

/**
 * Only the long-lived connections go on: what the monitor knows has to be them.
 * @param before what it had open after the warm-up
 * @param stopRotating the last lines go into the output that there is
 */
export async function rest(
  run: Run,
  before: Descriptors,
  stopRotating: () => void,
): Promise<Rested> {
  const { churn, output, ledger, monitor, longLived, owners, datagrams } = run;
  setRate(run, 0);
  await owners?.stop();
  const isQuiet = async () => (await churn.stats()).alive <= longLived;
  await until(isQuiet, 'the other connections to end', QUIET_MS);
  const isSilent = async () => (await datagrams?.traffic.stats())?.under_way === 0;
  if (datagrams) await until(isSilent, 'the last answers', QUIET_MS);
  // The governor may have to come back first. What does not come to rest is seen below.
  const isAtRest = () => ledger.last?.flow_entries === longLived && waitsForNone(ledger.last);
  await until(isAtRest, 'rest', QUIET_MS).catch(() => {});
  const atRest: { flows: number; timestamps: number }[] = [];
  for (let look = 0; look < LOOKS_AT_REST; look++) {
    const { last } = ledger;
    await until(() => ledger.last !== last || monitor.hasEnded, 'a summary', QUIET_MS);
    const { flow_entries: flows, timestamp_entries: timestamps } = ledger.last as Summary;
    atRest.push({ flows, timestamps });
  }
  const descriptors = await settledDescriptors(run, before);
  stopRotating();
  await output.inTurn(async () => {});
  return { atRest, descriptors, churn: await churn.stats() };
}

function waitsForNone({ timestamp_entries: entries }: Summary): boolean {
  return entries === 0;
}

type Finished = Pick<Evidence, 'summary' | 'exitCode' | 'stackLines' | 'crossed' | 'unsure'>;

/** While nothing is sent, what the interface has counted and what the monitor has are of the same packets. */
export async function finish(run: Run): Promise<Finished> {
  const { ground, churn, monitor, output, ledger, aftermath, before } = run;
  churn.freeze();
  const after = await packetsCrossed(ground, NO_PACKET_MS);
  aftermath.programs.push(...monitor.programs());
  monitor.signal('SIGINT');
  await until(() => monitor.hasEnded, 'pping to end', END_MS);
  churn.thaw();
  output.stop();
  output.close();
  if (!ledger.last?.final) throw new Error('the output has no summary at its end');
  const [first, second] = before;
  return {
    summary: ledger.last,
    exitCode: (await monitor.ended).code,
    stackLines: monitor.stackLines,
    crossed: { sent: after.sent - second.sent, received: after.received - second.received },
    unsure: second.sent - first.sent + (second.received - first.received),
  };
}

/** What is there when the last instance has taken away what killed ones left. */
export async function leftovers({ ground, aftermath }: Run): Promise<string[]> {
  await judgeEnd(aftermath, new Monitor(ground, ['--attach', 'clsact', '-s', '0.1']), 0);
  const loaded = () => aftermath.programs.filter(isLoaded);
  await until(() => loaded().length === 0, 'the programs to go').catch(() => {});
  const filters = await ppingFilters(ground.client, ground.interfaceName);
  return [
    ...loaded().map((id) => `program ${id}`),
    ...filters.egress.map((handle) => `filter ${handle} on egress`),
    ...filters.ingress.map((handle) => `filter ${handle} on ingress`),
  ];
}
