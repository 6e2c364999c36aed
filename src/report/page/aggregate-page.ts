/** The page of a run whose RTTs were counted together: one side of it, and perhaps one row. */
import type { AggregateRun, AggregateSeries } from '../aggregate-facts.js';
import { type Counted, NOTHING, sumOf } from '../buckets.js';
import type { PerSide, SideIndex } from '../run-facts.js';
import { aggregateCards } from './aggregate-cards.js';
import { type NamedRow, namedRows, rowsOf, whatRowsAre } from './aggregate-rows.js';
import { AggregateSection } from './aggregate-section.js';
import { DistributionSection } from './distribution-section.js';
import { element } from './dom.js';
import { eventSection } from './event-section.js';
import { HeadSection } from './head-section.js';
import { remarksOn } from './header.js';
import { IntervalSeries } from './interval-series.js';
import { onWidth } from './on-width.js';
import { wholeRange } from './range.js';
import { resolverSection } from './resolver-section.js';
import { quantity, spanText } from './text.js';
import { themeButton } from './theme.js';
import { TimeSection, type TimeView } from './time-section.js';

const NOTE =
  'Line: median; dotted: p99; band: min to max of each interval; dashed: min RTT of a selected row.';
const EMPTY: AggregateSeries = { slots: [], counted: [] };

export class AggregatePage {
  readonly #run: AggregateRun;
  /** Of each side, all that was counted. */
  readonly #sums: readonly Counted[];
  readonly #counts: PerSide;
  readonly #rows: readonly NamedRow[];
  readonly #head: HeadSection;
  readonly #figures = element('dl', { class: 'cards' });
  readonly #time: TimeSection;
  readonly #distribution = new DistributionSection();
  readonly #table: AggregateSection;
  #side: SideIndex;
  /** Its index among the series. */
  #chosen: number | undefined;

  constructor(root: HTMLElement, run: AggregateRun) {
    this.#run = run;
    const { facts } = run;
    this.#sums = facts.rowCounts.map((_, side) => sumOf(run.series[side]?.counted ?? []));
    this.#counts = this.#sums.map(({ samples }) => samples);
    this.#side = this.#counts.indexOf(Math.max(...this.#counts));
    this.#rows = namedRows(facts);
    const theme = themeButton(() => this.#paint());
    this.#head = new HeadSection(facts, (side) => this.#chooseSide(side), theme);
    this.#table = new AggregateSection(this.#rows, (series) => this.#choose(series));
    this.#time = new TimeSection(this.#timeView(), {
      whole: wholeRange(facts.from, facts.to),
      note: NOTE,
      allText: `All ${whatRowsAre(this.#rows).toLowerCase()}s`,
      onAll: () => this.#choose(undefined),
      onView: (rtts) => this.#distribution.show(rtts, this.#ofWhat()),
    });
    root.replaceChildren(...this.#parts());
    this.#chooseSide(this.#side);
    onWidth(root, () => this.#paint());
  }

  #parts(): HTMLElement[] {
    const { facts } = this.#run;
    return [
      this.#head.root,
      ...remarksOn(facts).map((text) => element('p', { class: 'remark', role: 'note' }, text)),
      this.#figures,
      this.#time.root,
      ...(facts.marks.length > 0 ? [eventSection(facts.marks)] : []),
      this.#distribution.root,
      this.#table.root,
      ...(facts.resolvers.length > 0 ? [resolverSection(facts.resolvers)] : []),
      this.#footer(),
    ];
  }

  #chooseSide(side: SideIndex): void {
    const { facts } = this.#run;
    this.#side = side;
    this.#chosen = undefined;
    this.#head.show({ place: undefined, counts: this.#counts }, side);
    const count = facts.rowCounts[side] ?? 0;
    const what = whatRowsAre(this.#rows);
    this.#figures.replaceChildren(
      ...aggregateCards(this.#sumAt(side), { rows: count, what, lost: facts.lost }),
    );
    this.#table.show(rowsOf(this.#rows, side), count, this.#chosen);
    this.#time.show(this.#timeView());
  }

  /** Chosen twice is all of them again. */
  #choose(series: number | undefined): void {
    this.#chosen = series === this.#chosen ? undefined : series;
    this.#table.choose(this.#chosen);
    this.#time.show(this.#timeView());
  }

  #timeView(): TimeView {
    const { facts, series } = this.#run;
    const shown = series[this.#chosen ?? this.#side] ?? EMPTY;
    return {
      series: new IntervalSeries(shown, facts.slotMs),
      of: this.#ofWhat(),
      isOfOne: this.#chosen !== undefined,
      marks: facts.marks,
    };
  }

  #ofWhat(): string {
    const row = this.#rows.find(({ series }) => series === this.#chosen);
    if (this.#chosen === undefined || !row) return `all ${whatRowsAre(this.#rows).toLowerCase()}s`;
    return row.seenAt === '' ? row.name : `${row.name} at ${row.seenAt}`;
  }

  #sumAt(side: number): Counted {
    return this.#sums[side] ?? NOTHING;
  }

  #footer(): HTMLElement {
    const { sources, slotMs } = this.#run.facts;
    const reported = this.#sums.reduce((sum, each) => sum + each.reported, 0);
    return element(
      'footer',
      {},
      `pping report of ${sources.join(', ')}: ${quantity(reported, 'RTT')}, counted in histograms and shown in steps of ` +
        `${spanText(slotMs)}. Percentiles are midpoints of buckets (nearest rank), off by at most 1.6 %; min ` +
        'and max are exact. Times are UTC.',
    );
  }

  #paint(): void {
    this.#time.paint();
    this.#distribution.paint();
  }
}
