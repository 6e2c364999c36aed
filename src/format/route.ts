/** That the route to a host has become another, for people and as JSON; the schema is docs/ndjson.md. */
import type { RouteChange } from '../summary/routes.js';
import { addressText } from '../text/address.js';
import { type HostNames, hostText } from '../text/host.js';
import { count, significant } from '../text/units.js';
import type { Clock } from './clock.js';
import { protocolField } from './ndjson-notices.js';

/** When the way out changes, so do the routes to all hosts. */
const MOST_TOLD = 10;
const NS_PER_MS = 1e6;

/** A line each; of many the first ones. */
export function routeTexts(
  changes: readonly RouteChange[],
  clock: Clock,
  names?: HostNames,
): string[] {
  const left = changes.length - MOST_TOLD;
  const first = changes.slice(0, MOST_TOLD).map((change) => routeText(change, clock, names));
  return left > 0 ? [...first, `and the routes to ${count(left, 'more host')}`] : first;
}

function routeText(change: RouteChange, clock: Clock, names: HostNames | undefined): string {
  const { timestamp, address, ipVersion, side, protocol, before, after } = change;
  const where = side === 'behind' ? ', behind the interface' : '';
  return (
    `${clock.timeOfDay(timestamp)}  ${hostText(address, ipVersion, names)}${where}: ` +
    `${protocol === undefined ? '' : `${protocol} `}route changed: min RTT ${significant(before / NS_PER_MS)} -> ${significant(after / NS_PER_MS)} ms ` +
    `since ${clock.timeOfDay(BigInt(change.since))}`
  );
}

/** What is of no place. */
export function routeFields(change: RouteChange, clock: Clock): string {
  const { address, ipVersion, side, protocol, before, after, since } = change;
  const onEgress = side === 'unknown' ? '' : `,"match_on_egress":${side === 'behind'}`;
  return (
    `"src_ip":"${addressText(address, ipVersion)}"${protocolField(protocol)},"former_min_rtt":${before},"min_rtt":${after}` +
    `,"since":${clock.epoch(BigInt(since))}${onEgress}`
  );
}
