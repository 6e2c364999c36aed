/** Conditions, for people: one that has come true, and one that never could. */
import {
  DNS_PREFIX,
  isRttMetric,
  isShareMetric,
  LEAST_SAMPLES,
  leastSamplesFor,
} from '../summary/condition.js';
import type { ConditionWatch } from '../summary/condition-watch.js';
import { LEAST_SHARED_BYTES } from '../summary/resent.js';
import { byteCount, count, durationText, milliseconds } from '../text/units.js';
import { dnsMetText, dnsReasonOf } from './dns-condition.js';

/** `p99 was 51.234 ms over 136 RTTs in the last 10s` */
export function metText(watch: ConditionWatch): string {
  const { condition, considered, value, protocol } = watch;
  const { metric, window, hold, isOfDns } = condition;
  if (metric === 'samples') return count(value, 'sample');
  if (metric === 'events-lost') return `${count(value, 'event')} lost`;
  const isShare = isShareMetric(metric);
  const of = window === undefined ? '' : ` in the last ${durationText(BigInt(window))}`;
  const over = isShare ? byteCount(considered) : count(considered, rttWord(protocol));
  const held = hold === undefined ? '' : `, for ${durationText(BigInt(hold))}`;
  if (isOfDns) return `${dnsMetText(watch)}${of}${held}`;
  const what = isShare ? `${(100 * value).toFixed(1)} %` : milliseconds(value);
  return `${metric} was ${what} over ${over}${of}${held}`;
}

/** With the protocol, where there may be several. */
function rttWord(protocol: ConditionWatch['protocol']): string {
  return protocol === undefined ? 'RTT' : `${protocol} RTT`;
}

/** Why it could not come true; undefined where it might have. */
export function unjudgedText(watch: ConditionWatch): string | undefined {
  const why = reasonOf(watch);
  return why === undefined ? undefined : `${watch.condition.text} could not be evaluated: ${why}`;
}

/** The same before the end, once it has had its first window, with what to do; undefined where it can be judged, or soon. */
export function tooFewYetText(watch: ConditionWatch): string | undefined {
  const { condition, unjudged, most } = watch;
  const { metric, isOfDns } = condition;
  if (unjudged !== 'few') return undefined;
  const isSparing = metric === 'p99' && most >= LEAST_SAMPLES;
  const prefix = isOfDns ? DNS_PREFIX : '';
  const others = `${prefix}p90 or ${prefix}p50, which need ${LEAST_SAMPLES}, or `;
  const what = `use ${isSparing ? others : ''}a longer window`;
  return `${condition.text} cannot be evaluated yet: ${reasonOf(watch)}; ${what}`;
}

function reasonOf(watch: ConditionWatch): string | undefined {
  if (watch.condition.isOfDns) {
    const [seen, judged] = [timeText(watch.seenFor), timeText(watch.judgedFor)];
    return dnsReasonOf(watch, { seen, judged, within: withinText(watch) });
  }
  const isShare = isShareMetric(watch.condition.metric);
  switch (watch.unjudged) {
    case undefined:
      return undefined;
    case 'none':
      return isShare ? 'there was no traffic' : 'there were no RTTs';
    case 'window':
      if (isShare) return 'the run was too short';
      return `${rttWord(watch.protocol)}s were seen for only ${timeText(watch.seenFor)}`;
    case 'few':
      return tooFewText(watch);
    case 'hold':
      return `there ${isShare ? 'was enough traffic' : `were enough ${rttWord(watch.protocol)}s`} for only ${timeText(watch.judgedFor)}`;
  }
}

function withinText({ condition: { window } }: ConditionWatch): string {
  return window === undefined ? '' : ` within ${durationText(BigInt(window))}`;
}

function tooFewText(watch: ConditionWatch): string {
  const { condition, most, protocol } = watch;
  const { metric } = condition;
  const within = withinText(watch);
  const [least, had] = isRttMetric(metric)
    ? [`${leastSamplesFor(metric)} ${rttWord(protocol)}s`, most]
    : [`${LEAST_SHARED_BYTES / 1000} kB`, byteCount(most)];
  return `it needs ${least}${within}, but there were at most ${had}`;
}

/** Cut, so that what is too short never looks long enough. */
function timeText(nanoseconds: number): string {
  const isShort = nanoseconds < 1e9;
  return isShort
    ? `${Math.floor(nanoseconds / 1e6)} ms`
    : `${Math.floor(nanoseconds / 1e8) / 10} s`;
}
