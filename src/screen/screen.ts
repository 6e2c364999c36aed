/** The live view: what was measured, drawn twice a second, and keys. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { ChalkInstance } from 'chalk';
import type { AttributionOf } from '../attribution/owner.js';
import type { SeenAtOf } from '../events/places.js';
import type { KernelEvent } from '../events/types.js';
import type { AggregateFigures, SideAggregates } from '../summary/aggregates.js';
import type { DnsAggregateFigures, DnsSideAggregates } from '../summary/dns-aggregates.js';
import type { HostNames } from '../text/host.js';
import { DnsAggregateLook, RttAggregateLook } from './aggregate-look.js';
import { AggregateRows } from './aggregate-rows.js';
import { ResolverRows } from './resolver-rows.js';
import type { Look } from './row.js';
import { Rows } from './rows.js';
import {
  INITIAL,
  INITIAL_WITH_OWNERS,
  initialOfAggregates,
  type Key,
  kindOf,
  pressed,
  type State,
  withResolvers,
} from './state.js';
import { Terminal } from './terminal.js';
import { type Header, mostScrolled, type Picture, screenLines } from './view.js';

const FRAME_MS = 500;

export interface ScreenParts {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly paint: ChalkInstance;
  /** On the events' clock. */
  readonly now: () => number;
  /** Read for each picture, with the width of the screen. */
  readonly header: (columns: number) => Header;
  readonly onQuit: () => void;
  /** Undefined where owners are not shown. */
  readonly attributionOf?: AttributionOf | undefined;
  /** Undefined where hosts are shown by their addresses. */
  readonly names?: HostNames | undefined;
  /** Undefined where it is not known at which interface something was seen. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** Asked for each picture: whether people have to be told the interface. */
  readonly areInterfacesSeveral?: (() => boolean) | undefined;
  /** As of Rows. */
  readonly window?: number | undefined;
  /** Whether DNS is measured: beside others, or alone. */
  readonly dns?: 'beside' | 'alone' | undefined;
  /** Where RTTs are counted in the kernel: by what, and in intervals of this length, in ns. */
  readonly aggregates?: { readonly by: string; readonly interval: number } | undefined;
}

export class Screen {
  readonly #parts: ScreenParts;
  readonly #rows: Rows;
  readonly #resolvers: ResolverRows;
  /** In place of the other rows. */
  readonly #aggregates: CountedRows | undefined;
  readonly #terminal: Terminal;
  readonly #timer: NodeJS.Timeout;
  #state: State;
  #looks: readonly Look[] = [];
  #header: Header = { paragraphs: [], message: '' };

  constructor(parts: ScreenParts) {
    this.#parts = parts;
    this.#rows = new Rows(parts);
    this.#resolvers = new ResolverRows(parts);
    this.#aggregates = parts.aggregates && countedRows(parts.names);
    this.#state = initialFor(parts);
    this.#terminal = new Terminal(parts.input, parts.output, {
      onKey: (key) => this.#press(key),
      onResize: () => this.#draw(),
      onGone: parts.onQuit,
    });
    this.#timer = setInterval(() => this.#refresh(), FRAME_MS);
    this.#refresh();
  }

  readonly accept = (event: KernelEvent): void => {
    if (this.#aggregates) return;
    this.#rows.accept(event);
    this.#resolvers.accept(event);
  };

  /** An interval is over: its figures are shown until the next. */
  acceptAggregates(sides: readonly SideAggregates[], dns: readonly DnsSideAggregates[]): void {
    this.#aggregates?.ofRtts.take(sides);
    this.#aggregates?.ofDns.take(dns);
  }

  readonly refresh = (flowId: number): void => this.#rows.refresh(flowId);
  readonly refreshAll = (): void => this.#rows.refreshAll();

  /** Gives the terminal back. May be called twice. */
  close(): void {
    clearInterval(this.#timer);
    this.#terminal.close();
  }

  #refresh(): void {
    if (!this.#state.isPaused) this.#look();
    this.#draw();
  }

  #look(): void {
    const { areInterfacesSeveral, header } = this.#parts;
    this.#state = { ...this.#state, areInterfacesSeveral: areInterfacesSeveral?.() ?? false };
    this.#looks = this.#rowsAt(this.#parts.now());
    this.#header = header(this.#terminal.size.columns);
  }

  #rowsAt(now: number): readonly Look[] {
    const kind = kindOf(this.#state);
    const counted = this.#aggregates;
    if (kind === 'resolvers') return counted?.ofDns.look() ?? this.#resolvers.look(now);
    return counted?.ofRtts.look() ?? this.#rows.look(kind, now);
  }

  get #picture(): Picture {
    return { header: this.#header, rows: this.#looks, state: this.#state };
  }

  #draw(): void {
    this.#terminal.draw(screenLines(this.#picture, this.#terminal.size, this.#parts.paint));
  }

  #press(key: Key): void {
    const before = this.#state;
    this.#state = pressed(before, key);
    if (this.#state.isOver) {
      this.#parts.onQuit();
      return;
    }
    // Another kind of rows was not kept when it was paused.
    if (kindOf(this.#state) !== kindOf(before)) this.#look();
    // What is beyond the last row would have to be scrolled back, unseen.
    const most = mostScrolled(this.#picture, this.#terminal.size);
    this.#state = { ...this.#state, scrolled: Math.min(this.#state.scrolled, most) };
    this.#draw();
  }
}

/** Of what is counted in the kernel. */
interface CountedRows {
  readonly ofRtts: AggregateRows<AggregateFigures>;
  readonly ofDns: AggregateRows<DnsAggregateFigures>;
}

function countedRows(names: HostNames | undefined): CountedRows {
  return {
    ofRtts: new AggregateRows(RttAggregateLook, names),
    ofDns: new AggregateRows(DnsAggregateLook, names),
  };
}

function initialFor(parts: ScreenParts): State {
  const initial = initialWithoutDns(parts);
  return parts.dns ? withResolvers(initial, parts.dns === 'alone') : initial;
}

function initialWithoutDns({ aggregates, attributionOf }: ScreenParts): State {
  if (aggregates) return initialOfAggregates(aggregates.by, aggregates.interval);
  return attributionOf ? INITIAL_WITH_OWNERS : INITIAL;
}
