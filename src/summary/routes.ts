/** The routes to hosts, each as it is seen at one place; and what has changed. */
import { srcOf } from '../events/addresses.js';
import { copyOf } from '../events/flow-table.js';
import type { Protocol } from '../events/names.js';
import { timeOf } from '../events/time.js';
import type { RttEvent } from '../events/types.js';
import { HostTable } from './host-table.js';
import { Route, type RouteStep } from './route.js';
import { leastOf } from './rtt-stats.js';
import { type Side, sideOf } from './sides.js';

/** At one place each: as many as a summary has. */
const MOST_HOSTS = 4_096;

/** The least RTT of a host has become another, and has remained it. */
export interface RouteChange extends RouteStep {
  /** When that was certain, on the clock of the events. */
  readonly timestamp: bigint;
  /** Of the host: 16 bytes. */
  readonly address: Uint8Array;
  readonly ipVersion: 4 | 6;
  readonly place: number;
  readonly side: Side;
  /** Undefined where protocols are not told apart. */
  readonly protocol?: Protocol | undefined;
}

export class Routes {
  readonly #window: number;
  /** Hosts, each at one place. */
  readonly #hosts: HostTable;
  /** By their numbers. */
  readonly #routes: Route[] = [];
  /** Of each flow two numbers, beside each other: its host, and that number's life. */
  #hostOf = new Int32Array(0);
  #changes: RouteChange[] = [];

  /** @param window in nanoseconds, above 0: so long a route has to be another */
  constructor(window: number, most = MOST_HOSTS) {
    this.#window = window;
    this.#hosts = new HostTable(most);
  }

  /** The flow with this number is another from now on. @param room all numbers are below it */
  meet(flow: number, room: number): void {
    if (2 * room > this.#hostOf.length)
      this.#hostOf = copyOf(this.#hostOf, new Int32Array(2 * room));
    this.#hostOf[2 * flow] = UNKNOWN;
  }

  /**
   * @param flow its number
   * @param rtt the event's
   */
  record(flow: number, event: RttEvent, rtt: number): void {
    const known = this.#routeOf(flow);
    // Its time is not handed around: a number that large would be put into memory of its own for each call.
    const route = known?.isOver(timeOf(event)) === false ? known : this.#turn(flow, event);
    route.lower(leastOf(event, rtt));
  }

  /** What has changed since the last time: of each route at most once in a window. */
  take(): readonly RouteChange[] {
    if (this.#changes.length === 0) return NONE;
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** Undefined where its host is not known, or not any more. */
  #routeOf(flow: number): Route | undefined {
    const at = this.#hostOf[2 * flow] as number;
    const isKnown = at >= 0 && this.#hosts.lifeOf(at) === this.#hostOf[2 * flow + 1];
    return isKnown ? this.#routes[at] : undefined;
  }

  /** Seldom: it is enough to be remembered. One that was forgotten begins anew. */
  #turn(flow: number, event: RttEvent): Route {
    const route = this.#find(flow, event);
    const now = timeOf(event);
    const step = route.isOver(now) ? route.turn(now) : undefined;
    if (step) this.#changes.push(changeIn(event, step));
    return route;
  }

  #find(flow: number, event: RttEvent): Route {
    const found = this.#hosts.numberOf(srcOf(event), event.ipVersion, event.place);
    if (found >= 0) this.#hosts.touch(found);
    const at = found >= 0 ? found : this.#add();
    this.#hostOf[2 * flow] = at;
    this.#hostOf[2 * flow + 1] = this.#hosts.lifeOf(at);
    return this.#routes[at] as Route;
  }

  #add(): number {
    const at = this.#hosts.addWanted();
    const route = this.#routes[at];
    if (route) route.clear();
    else this.#routes[at] = new Route(this.#window);
    return at;
  }
}

/** No host's number. */
const UNKNOWN = -1;

const NONE: readonly RouteChange[] = [];

function changeIn(event: RttEvent, step: RouteStep): RouteChange {
  const { timestamp, srcAddress: address, ipVersion, place } = event;
  return { ...step, timestamp, address, ipVersion, place, side: sideOf(event) };
}
