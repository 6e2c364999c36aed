/** RTT over time. */
import type uPlot from 'uplot';
import type { Mark } from '../run-facts.js';
import type { Columns } from './columns.js';
import { button, choices, element } from './dom.js';
import { createPlot, plotWidth, type Scale } from './plot.js';
import { isSame, type Range, rangeWithin, shifted, zoomed } from './range.js';
import type { RttDistribution, RttSeries } from './rtt-series.js';
import { countText, inMs, msText, quantity, timeText } from './text.js';
import { colors } from './theme.js';
import { paintBaseline, paintColumns, paintMarks } from './time-paint.js';
import { Tooltip } from './tooltip.js';

export interface TimeView {
  readonly series: RttSeries;
  /** Whose RTTs these are. */
  readonly of: string;
  /** A peer, or a row of aggregates; its least is painted, too. */
  readonly isOfOne: boolean;
  readonly marks: readonly Mark[];
}

export interface TimeTerms {
  readonly whole: Range;
  /** What the lines are. */
  readonly note: string;
  /** Of a button that goes back from one to all. */
  readonly allText: string;
  readonly onAll: () => void;
  /** Gets the RTTs in view whenever these change. */
  readonly onView: (distribution: RttDistribution) => void;
}

/** Beyond this, a linear axis shows little of what is usual. */
const LINEAR_SPREAD = 50;
const NEAR_PX = 6;
const CLOSER = 0.5;
const STEP = 0.25;

export class TimeSection {
  readonly root: HTMLElement;
  readonly #title = element('h2');
  readonly #facts = element('p', { class: 'facts', id: 'view', 'aria-live': 'polite' });
  readonly #chart = element('div', {
    class: 'chart',
    id: 'over-time',
    tabindex: '0',
    role: 'group',
  });
  readonly #tooltip = new Tooltip(this.#chart);
  readonly #reset: HTMLButtonElement;
  readonly #all: HTMLButtonElement;
  readonly #whole: Range;
  readonly #onView: TimeTerms['onView'];
  #range: Range;
  #isLog: boolean;
  #view: TimeView;
  #plot: uPlot | undefined;

  constructor(view: TimeView, { whole, note, allText, onAll, onView }: TimeTerms) {
    this.#view = view;
    this.#range = this.#whole = whole;
    this.#onView = onView;
    this.#isLog = isWide(view.series);
    this.#reset = button('Whole run', () => this.#zoom(whole), { id: 'whole' });
    this.#all = button(allText, onAll, { id: 'all' });
    this.#chart.addEventListener('keydown', (event) => this.#key(event));
    this.root = element(
      'section',
      {},
      element('div', { class: 'bar' }, this.#title, this.#tools()),
      this.#facts,
      this.#chart,
      element(
        'p',
        { class: 'note' },
        `${note} Drag to zoom, double-click to zoom out; keys: + − ← → 0.`,
      ),
    );
  }

  show(view: TimeView): void {
    this.#view = view;
    this.#title.textContent = `RTT over time, ${view.of}`;
    this.#all.hidden = !view.isOfOne;
    this.#viewChanged();
  }

  /** Again, because the size or the colours are others. */
  paint(): void {
    const started = performance.now();
    const { from, to } = this.#range;
    const width = plotWidth(this.#chart);
    const columns = this.#view.series.columns(this.#range, width);
    this.#plot?.destroy();
    this.#plot = createPlot(this.#chart, {
      xs: columns.times,
      from,
      to,
      y: this.#scaleOf(columns),
      paint: (plot) => {
        this.#paintAll(plot, columns);
        this.#tellPainted(columns, width, performance.now() - started);
      },
      onCursor: (plot, index) => this.#tooltip.show(plot, this.#linesAt(plot, columns, index)),
      onZoom: (range) => this.#zoom(range ?? this.#whole),
    });
  }

  #paintAll(plot: uPlot, columns: Columns): void {
    const painted = colors();
    paintColumns(plot, columns, painted);
    const { isOfOne, series, marks } = this.#view;
    if (isOfOne) paintBaseline(plot, series.least, painted);
    paintMarks(plot, marks, painted);
  }

  /** What was painted, for whoever wants to check it. */
  #tellPainted({ least, most, counts }: Columns, width: number, ms: number): void {
    const { dataset } = this.#chart;
    dataset.width = String(width);
    dataset.columns = String(counts.length);
    dataset.samples = String(counts.reduce((sum, count) => sum + count, 0));
    dataset.least = String(leastOf(least));
    dataset.most = String(mostOf(most));
    dataset.ms = ms.toFixed(1);
  }

  #tools(): HTMLElement {
    const axis = choices(
      'axis',
      'RTT axis',
      [
        { value: false, label: 'linear' },
        { value: true, label: 'log' },
      ],
      this.#isLog,
      (isLog) => {
        this.#isLog = isLog;
        this.paint();
      },
    );
    const closer = button('+', () => this.#zoom(zoomed(this.#range, CLOSER)));
    const wider = button('−', () => this.#zoom(zoomed(this.#range, 1 / CLOSER)));
    closer.setAttribute('aria-label', 'Zoom in');
    wider.setAttribute('aria-label', 'Zoom out');
    return element(
      'div',
      { class: 'tools' },
      ...[this.#all, axis, element('span', { class: 'group' }, wider, closer), this.#reset],
    );
  }

  #key(event: KeyboardEvent): void {
    const range = {
      '+': zoomed(this.#range, CLOSER),
      '-': zoomed(this.#range, 1 / CLOSER),
      ArrowLeft: shifted(this.#range, -STEP),
      ArrowRight: shifted(this.#range, STEP),
      '0': this.#whole,
    }[event.key];
    if (!range || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#zoom(range);
  }

  #zoom(range: Range): void {
    this.#range = rangeWithin(this.#whole, range);
    this.#viewChanged();
  }

  #viewChanged(): void {
    this.paint();
    const distribution = this.#view.series.within(this.#range);
    const text = this.#factsOf(distribution);
    this.#facts.textContent = text;
    this.#chart.setAttribute('aria-label', `${this.#title.textContent}. ${text}`);
    this.#reset.disabled = isSame(this.#range, this.#whole);
    this.#onView(distribution);
  }

  #factsOf(rtts: RttDistribution): string {
    const isWhole = isSame(this.#range, this.#whole);
    const where = isWhole
      ? ''
      : ` from ${timeText(this.#range.from)} to ${timeText(this.#range.to)}`;
    const { count, least, most } = rtts;
    if (count === 0) return `No RTT${where}`;
    const [median, p99] = [rtts.percentile(50), rtts.percentile(99)];
    return (
      `${quantity(count, 'RTT')}${where}: min ${msText(least)}, p50 ${msText(median)}, ` +
      `p99 ${msText(p99)}, max ${msText(most)}`
    );
  }

  #scaleOf({ least, most }: Columns): Scale {
    const label = 'RTT, ms';
    const [min, max] = least.length === 0 ? [1e6, 1e7] : [leastOf(least), mostOf(most)];
    if (!this.#isLog) return { min: 0, max: inMs(Math.max(1, max) * 1.06), isLog: false, label };
    return {
      min: inMs(Math.max(1, min) / 1.15),
      max: inMs(Math.max(1, max) * 1.15),
      isLog: true,
      label,
    };
  }

  #linesAt(plot: uPlot, columns: Columns, index: number | undefined): string[] {
    const cursor = plot.cursor.left ?? -1;
    if (cursor < 0) return [];
    const near = this.#view.marks
      .filter(({ time }) => Math.abs(plot.valToPos(time, 'x') - cursor) <= NEAR_PX)
      .map(({ time, text }) => `${timeText(time)}: ${text}`);
    return [...columnLines(columns, index), ...near.slice(0, 3)];
  }
}

function columnLines(columns: Columns, index = -1): string[] {
  const { times, least, median, most, counts, p99 } = columns;
  const time = times[index];
  if (time === undefined) return [];
  const count = counts[index] as number;
  const middle = msText(median[index] as number);
  if (count === 1) return [timeText(time), middle];
  const range = `${msText(least[index] as number)} to ${msText(most[index] as number)}`;
  const tail = p99 ? [`p99 ${msText(p99[index] as number)}`] : [];
  return [timeText(time), `median ${middle}`, ...tail, range, `${countText(count)} RTTs`];
}

function isWide({ least, most }: RttSeries): boolean {
  return most > LINEAR_SPREAD * least;
}

function leastOf(values: Float64Array): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

function mostOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}
