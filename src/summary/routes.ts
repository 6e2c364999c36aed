/** The routes to hosts, each as it is seen at one place; and what has changed. */
import type { Protocol } from '../events/names.js';
import { timeOf } from '../events/time.js';
import type { RttEvent } from '../events/types.js';
import { type Memorable, Remembered } from './recently-used.js';
import { Route, type RouteStep } from './route.js';
import { leastOf } from './rtt-stats.js';
import { type Side, sideOf } from './sides.js';

/** As many as hosts. */
const MOST_TRACKS = 4_096;

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

/** Of one host, at one place. */
export class Track implements Memorable {
  touched = 0;
  isForgotten = true;
  /** Undefined while it is forgotten. */
  route: Route | undefined;

  /** @param spare where they go then: where there are more hosts than room, they are needed again at once */
  constructor(
    readonly key: string,
    readonly spare: Route[],
  ) {}

  release(): void {
    if (!this.route) return;
    this.route.clear();
    this.spare.push(this.route);
    this.route = undefined;
  }
}

export class Routes {
  readonly #window: number;
  readonly #tracks: Remembered<Track>;
  readonly #spare: Route[] = [];
  #changes: RouteChange[] = [];

  /** @param window in nanoseconds, above 0: so long a route has to be another */
  constructor(window: number, most = MOST_TRACKS) {
    this.#window = window;
    this.#tracks = new Remembered(most);
  }

  /** Asked seldom. @param key of the host, on one side of the interface */
  trackOf({ place }: RttEvent, key: string): Track {
    const whole = place === 0 ? key : `${place} ${key}`;
    return this.#tracks.get(whole) ?? new Track(whole, this.#spare);
  }

  /**
   * @param rtt the event's
   * @returns the one that is remembered: another, where its key was taken while it was forgotten
   */
  record(track: Track, event: RttEvent, rtt: number): Track {
    // Its time is not handed around: a number that large would be put into memory of its own for each call.
    const isAsBefore = track.route?.isOver(timeOf(event)) === false;
    const present = isAsBefore ? track : this.#turn(track, event, timeOf(event));
    present.route?.lower(leastOf(event, rtt));
    return present;
  }

  /** What has changed since the last time: of each route at most once in a window. */
  take(): readonly RouteChange[] {
    if (this.#changes.length === 0) return NONE;
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** Seldom: it is enough to be remembered. One that was forgotten begins anew. */
  #turn(track: Track, event: RttEvent, now: number): Track {
    const present = this.#tracks.touch(track);
    present.route ??= this.#spare.pop() ?? new Route(this.#window);
    const step = present.route.isOver(now) ? present.route.turn(now) : undefined;
    if (step) this.#changes.push(changeIn(event, step));
    return present;
  }
}

const NONE: readonly RouteChange[] = [];

function changeIn(event: RttEvent, step: RouteStep): RouteChange {
  const { timestamp, srcAddress: address, ipVersion, place } = event;
  return { ...step, timestamp, address, ipVersion, place, side: sideOf(event) };
}
