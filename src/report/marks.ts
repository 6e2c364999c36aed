/** What happened to pping itself, or to a route, in a few words for the time axis. */
import { count, durationText, percent, significant } from '../text/units.js';
import type {
  GovernorRecord,
  LossRecord,
  RouteRecord,
  RunRecord,
  VisibilityRecord,
} from './records.js';
import type { Mark } from './run-facts.js';

export type MarkRecord = Extract<RunRecord, { type: Mark['kind'] }>;

const NS_PER_MS = 1e6;

export function markOf(record: MarkRecord): Mark {
  const { type: kind, interface: name, capture } = record;
  const since = kind === 'route' ? record.since : record.time;
  const isSomewhere = name !== undefined || capture !== undefined;
  return {
    kind,
    time: since / NS_PER_MS,
    text: textOf(record),
    ...(isSomewhere ? { seenAt: { interface: name, capture } } : {}),
  };
}

function textOf(record: MarkRecord): string {
  if (record.type === 'loss') return lossText(record);
  if (record.type === 'governor') return governorText(record);
  if (record.type === 'visibility') return visibilityText(record);
  return routeText(record);
}

function lossText({ lostRtts, lostFlowEvents }: LossRecord): string {
  return `lost: ${count(lostRtts, 'RTT')}, ${count(lostFlowEvents, 'flow event')}`;
}

function governorText(record: GovernorRecord): string {
  const { map, step, entries, maxEntries, rate, flowTimeout } = record;
  const name = map === 'flows' ? 'flow' : 'timestamp';
  const now =
    map === 'flows'
      ? `--flow-timeout ${durationText(BigInt(flowTimeout))}`
      : `--rate ${durationText(BigInt(rate))}`;
  return `governor ${step}: ${now}, ${name} map ${percent(entries, maxEntries)} full`;
}

function visibilityText({ change, hook, names }: VisibilityRecord): string {
  const who = names.length > 0 ? `: ${names.join(', ')}` : '';
  return `${VISIBILITY_TEXTS[change]} on ${hook}${who}`;
}

function routeText({ peer, protocol, before, after }: RouteRecord): string {
  const which = protocol === undefined ? '' : `${protocol} `;
  return `${which}route to ${peer} changed: min RTT ${significant(before / 1e6)} -> ${significant(after / 1e6)} ms`;
}

const VISIBILITY_TEXTS: Record<VisibilityRecord['change'], string> = {
  moved: 'pping moved to run first',
  preceded: 'other program runs before pping',
  hidden: 'packets hidden from pping',
};
