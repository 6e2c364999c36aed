/**
 * The start of a live run: all that takes more than the run itself. Root loads the programs and opens the output;
 * then this process begins anew with the least that it needs, and takes over what was opened.
 */

import { programsFor } from '../core/programs.js';
import { handOver } from '../handed-over.js';
import { interfaceNames } from '../interface-names.js';
import { giveBackLargeBlocks } from '../libbpf/allocator.js';
import { type HandedObject, handObject, takeObject } from '../libbpf/handed-object.js';
import { enableAccounting } from '../libbpf/info.js';
import { listenOn } from '../libbpf/listening-socket.js';
import { enterNamespace } from '../libbpf/network-namespace.js';
import type { LoadedObject } from '../libbpf/object.js';
import { namedOnly, planInterfaces, withMatching } from '../live/interface-plan.js';
import { meansSeveral, namedOnlyIn, planNamespaces, withPresent } from '../live/namespace-plan.js';
import { LiveSource } from '../live/source.js';
import { isOfSeveral, type WatchPlan, watchedOf } from '../live/watch.js';
import { AGGREGATE_MAPS } from '../maps/aggregates.js';
import { EVENT_MAPS } from '../maps/event-rings.js';
import { INTERFACE_MAPS } from '../maps/interfaces.js';
import { LISTENERS_MAP, NOTED_SOCKETS_MAP, OPENED_MAP } from '../maps/opened-sockets.js';
import { PLACES_MAP } from '../maps/places.js';
import { FIXED_MAP, OWNER_FILTER_MAP, SETTINGS_MAP } from '../maps/settings.js';
import { UNOWNED_MAP } from '../maps/unowned-flows.js';
import type { LiveOptions, MetricsOptions } from '../options/options.js';
import { canGiveUp, giveUp, requireUser } from '../privilege/least.js';
import { beginAnew, keptOpen } from '../privilege/successor.js';
import { openedKey } from '../run/anonymizing.js';
import { attributionWanted } from '../run/attribution-wanted.js';
import { fileOf, keptOutput, type OpenedOutput, openedOutput } from '../run/opened-output.js';
import { isAggregated } from '../sampling/aggregation.js';
import type { InterfaceWords } from '../sampling/interface-words.js';
import type { OwnerFilter } from '../sampling/owner-filter.js';
import { endpointText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';

const MAPS = [
  SETTINGS_MAP,
  PLACES_MAP,
  ...EVENT_MAPS,
  'counters',
  ...INTERFACE_MAPS,
  ...AGGREGATE_MAPS,
] as const;

/** Of the programs that know of owners. */
const OWNER_MAPS = [
  ...[OWNER_FILTER_MAP, NOTED_SOCKETS_MAP, OPENED_MAP, LISTENERS_MAP, FIXED_MAP, UNOWNED_MAP],
] as const;

/** What a run begins with. */
export interface Start {
  readonly plan: WatchPlan;
  /** Loaded, attached to nothing. */
  readonly object: LoadedObject;
  /** Whose connections the programs measure; undefined where nothing is known beyond their packets. */
  readonly owners: OwnerFilter | undefined;
  /** Why conntrack is not asked for ends before NAT, where these are wanted. */
  readonly missingConntrack: string | undefined;
  readonly output: OpenedOutput;
  /** Descriptor of the file with the key of pseudonyms; undefined where none is named. */
  readonly key: number | undefined;
  /** Descriptor of the socket that metrics are asked for at; undefined where there are none. */
  readonly metrics: number | undefined;
  /** Descriptor that has the kernel measure what programs cost; undefined where that is not wanted. */
  readonly accounting: number | undefined;
}

/** The same as it is handed over. */
export interface HandedStart extends Omit<Start, 'object'> {
  readonly object: HandedObject;
}

/**
 * As root, and for another network namespace, it does not return: this process begins anew, and is handed it all.
 * Throws a UsageError or Fault where it cannot begin.
 * @param handed where this process has begun anew
 */
export async function start(options: LiveOptions, handed?: HandedStart): Promise<Start> {
  giveBackLargeBlocks();
  if (handed) return takeStart(handed);
  if (options.live) (await import('../run/terminal.js')).requireTerminal();
  return makeStart(options);
}

function takeStart(handed: HandedStart): Start {
  return { ...handed, plan: withThoseThere(handed.plan), object: takeObject(handed.object) };
}

async function makeStart(options: LiveOptions): Promise<Start> {
  const user = options.user === undefined ? undefined : requireUser(options.user);
  const givesUp = canGiveUp(user);
  // The socket stays in the namespace that it was opened in.
  const metrics = listenForMetrics(options.metrics);
  const areNamespaces = meansSeveral(options.netns);
  const [entered] = areNamespaces ? [] : options.netns;
  if (entered !== undefined) enterNamespace(entered);
  const plan = areNamespaces
    ? planNamespaces(options.interfaces, options.netns, namesIn)
    : planInterfaces(namesIn(options.interfaces));
  const output = openedOutput(options, user);
  const key = openedKey(options);
  const attribution = await attributionWanted(options);
  // One thread has entered the namespace; what it executes is in it altogether.
  const beginsAnew = givesUp || entered !== undefined;
  // While the kernel follows the programs. Who needs it is told where it fails.
  if (!beginsAnew) import('./monitor.js').catch(() => {});
  const object = await LiveSource.load(plan, { ...options, attribution });
  const accounting = options.selfCost ? enableAccounting() : undefined;
  const owners = attribution?.filter;
  const missingConntrack = attribution?.missingConntrack;
  const made = { plan, object, owners, missingConntrack, output, key, metrics, accounting };
  if (!beginsAnew) return made;
  const handed = handedOver(made, isAggregated(options.aggregation), attribution?.owners ?? false);
  if (givesUp) {
    const cgroups = attribution?.owners ?? false;
    const { spool } = options.upload;
    giveUp({ user, output: fileOf(options), spool, cgroups, namespaces: areNamespaces });
  }
  handOver(handed, options);
  return beginAnew();
}

function withThoseThere(plan: WatchPlan): WatchPlan {
  return isOfSeveral(plan) ? withPresent(plan, namesIn) : withMatching(plan);
}

function listenForMetrics({ address }: MetricsOptions): number | undefined {
  if (address === undefined) return undefined;
  const { ipVersion, address: bytes, port } = address;
  return listenOn(address, `${endpointText(bytes, port, ipVersion)} (--metrics)`);
}

/** What our messages call an interface stands for its name, where that is not ASCII. */
function namesIn({ included, excluded }: InterfaceWords): InterfaceWords {
  const names = interfaceNames();
  const nameOf = (wanted: string) => {
    if (names.includes(wanted)) return wanted;
    return names.find((name) => asciiText(name) === wanted) ?? wanted;
  };
  return { included: included.map(nameOf), excluded: excluded.map(nameOf) };
}

function handedOver(made: Start, areAggregated: boolean, areOwnersKnown: boolean): HandedStart {
  const { plan, object, owners, missingConntrack, output, key, metrics, accounting } = made;
  const programs = programsFor(watchedOf(plan).links, areAggregated, areOwnersKnown);
  const maps = owners ? [...MAPS, ...OWNER_MAPS] : MAPS;
  return {
    // A variable of the environment may not be longer than 128 KiB.
    plan: isOfSeveral(plan) ? namedOnlyIn(plan) : namedOnly(plan),
    object: handObject(object, programs, maps, keptOpen),
    owners,
    missingConntrack,
    output: keptOutput(output, keptOpen),
    key: key === undefined ? undefined : keptOpen(key),
    metrics: metrics === undefined ? undefined : keptOpen(metrics),
    accounting: accounting === undefined ? undefined : keptOpen(accounting),
  };
}
