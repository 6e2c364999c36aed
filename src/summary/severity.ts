/** How bad is it, when the usual RTT is so far above the least? */

export type Severity = 'fine' | 'notable' | 'alarming';

const MS = 1e6;
/** Below this it is noise, of the machine as much as of the network. */
const NOISE_NS = 1 * MS;
/** Felt by people, however far away the host is. */
const FELT_NS = 30 * MS;
const HURTING_NS = 100 * MS;
/** Of the least RTT, together with it. */
export const NOTABLE_RATIO = 1.5;
export const ALARMING_RATIO = 3;

export function severityOf({ least, queueing }: { least: number; queueing: number }): Severity {
  if (queueing < NOISE_NS) return 'fine';
  const ratio = (least + queueing) / least;
  if (queueing >= HURTING_NS || ratio >= ALARMING_RATIO) return 'alarming';
  return queueing >= FELT_NS || ratio >= NOTABLE_RATIO ? 'notable' : 'fine';
}

/** Of the share of bytes that were sent again. TCP gets slower with its root (Mathis and others, 1997). */
const NOTABLE_SHARE = 0.01;
const ALARMING_SHARE = 0.05;

/** How bad is it, that so much is sent again? */
export function lossSeverityOf(share: number): Severity {
  if (share >= ALARMING_SHARE) return 'alarming';
  return share >= NOTABLE_SHARE ? 'notable' : 'fine';
}
