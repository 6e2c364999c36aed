/** What happened to pping itself, or to a route, in a few words for the time axis. */
import { count, durationText, percent, significant } from '../text/units.js';
import type { GovernorRecord, LossRecord, RouteRecord, VisibilityRecord } from './records.js';

export function lossText({ lostRtts, lostFlowEvents }: LossRecord): string {
  return `lost: ${count(lostRtts, 'RTT')}, ${count(lostFlowEvents, 'flow event')}`;
}

export function governorText(record: GovernorRecord): string {
  const { map, step, entries, maxEntries, rate, flowTimeout } = record;
  const name = map === 'flows' ? 'flow' : 'timestamp';
  const now =
    map === 'flows'
      ? `--flow-timeout ${durationText(BigInt(flowTimeout))}`
      : `--rate ${durationText(BigInt(rate))}`;
  return `governor ${step}: ${now}, ${name} map ${percent(entries, maxEntries)} full`;
}

export function visibilityText({ change, hook, names }: VisibilityRecord): string {
  const who = names.length > 0 ? `: ${names.join(', ')}` : '';
  return `${VISIBILITY_TEXTS[change]} on ${hook}${who}`;
}

export function routeText({ peer, before, after }: RouteRecord): string {
  return `route to ${peer} changed: ${significant(before / 1e6)} -> ${significant(after / 1e6)} ms`;
}

const VISIBILITY_TEXTS: Record<VisibilityRecord['change'], string> = {
  moved: 'pping moved in front',
  preceded: 'somebody in front of pping',
  hidden: 'packets hidden from pping',
};
