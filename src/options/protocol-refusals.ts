/** What is asked for together with protocols that do not have it. */
import { UsageError } from '../faults.js';
import type { Filter } from '../sampling/filter.js';
import { areProtocolsTold } from '../sampling/protocols.js';
import type { Condition } from '../summary/condition.js';
import { isShareMetric } from '../summary/condition.js';
import type { RunOptions } from './run-options.js';

/** Throws a UsageError that says what it is. */
export function refuseOfProtocols({ filter, until }: RunOptions): void {
  refuseShares(until, filter.protocols);
}

/** Only TCP shows what is sent again, and the kernel counts the bytes of all protocols together. */
function refuseShares(until: readonly Condition[], protocols: Filter['protocols']): void {
  const condition = until.find(({ metric }) => isShareMetric(metric));
  if (!condition || !areProtocolsTold(protocols)) return;
  throw new UsageError(
    `--until '${condition.text}' is judged where TCP alone is measured: nobody sees what others send again`,
  );
}
