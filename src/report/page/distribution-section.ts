/** How the RTTs in view are distributed: a histogram, and what share is no longer than what. */
import type uPlot from 'uplot';
import type { Bin, Step } from './distribution.js';
import { element } from './dom.js';
import { createPlot, plotWidth, type Scale } from './plot.js';
import type { RttDistribution } from './rtt-series.js';
import { inMs, msText, quantity } from './text.js';
import { colors } from './theme.js';
import { Tooltip } from './tooltip.js';

const GUIDES = [50, 90, 99];

export class DistributionSection {
  readonly root: HTMLElement;
  readonly #title = element('h2');
  readonly #histogram = new ChartHost('histogram', 'Histogram of the RTTs');
  readonly #cumulative = new ChartHost('cumulative', 'Cumulative distribution of the RTTs');
  #rtts: RttDistribution | undefined;

  constructor() {
    this.root = element(
      'section',
      {},
      this.#title,
      element(
        'div',
        { class: 'pair' },
        figure(this.#histogram, 'Histogram with a logarithmic axis.'),
        figure(
          this.#cumulative,
          'Cumulative: the share of RTTs at or below each value. Dashed: p50, p90, p99.',
        ),
      ),
    );
  }

  show(rtts: RttDistribution, ofWhat: string): void {
    this.#rtts = rtts;
    this.#title.textContent = `Distribution, ${ofWhat}`;
    this.paint();
  }

  paint(): void {
    const rtts = this.#rtts;
    if (!rtts || rtts.count === 0) {
      this.#histogram.clear();
      this.#cumulative.clear();
      return;
    }
    const bins = rtts.bins();
    const x = scaleOf(bins);
    this.#paintHistogram(bins, rtts.count, x);
    this.#paintCumulative(rtts, x);
  }

  #paintHistogram(bins: readonly Bin[], total: number, x: Scale): void {
    const share = ({ count }: Bin) => (100 * count) / total;
    const tallest = Math.max(...bins.map(share));
    this.#histogram.paint({
      xs: bins.map(({ from, to }) => inMs(Math.sqrt(from * to))),
      x,
      y: { min: 0, max: tallest * 1.06, isLog: false, label: '% of RTTs' },
      paint: (plot) => paintBars(plot, bins, share),
      lines: (index) => binLines(bins[index], total),
    });
  }

  #paintCumulative(rtts: RttDistribution, x: Scale): void {
    const steps = rtts.steps(plotWidth(this.#cumulative.root));
    this.#cumulative.paint({
      xs: steps.map(({ rtt }) => inMs(Math.max(1, rtt))),
      x,
      y: { min: 0, max: 103, isLog: false, label: '% at or below' },
      paint: (plot) => paintSteps(plot, steps, rtts),
      lines: (index) => stepLines(steps[index]),
    });
  }
}

interface ChartSpec {
  readonly xs: number[];
  readonly x: Scale;
  readonly y: Scale;
  readonly paint: (plot: uPlot) => void;
  readonly lines: (index: number) => string[];
}

class ChartHost {
  readonly root: HTMLElement;
  readonly #tooltip: Tooltip;
  #plot: uPlot | undefined;

  constructor(id: string, label: string) {
    this.root = element('div', { class: 'chart small', id, role: 'img', 'aria-label': label });
    this.#tooltip = new Tooltip(this.root);
  }

  paint({ xs, x, y, paint, lines }: ChartSpec): void {
    this.clear();
    this.#plot = createPlot(this.root, {
      xs,
      x,
      y,
      paint,
      from: x.min,
      to: x.max,
      onCursor: (plot, index) => this.#tooltip.show(plot, index === undefined ? [] : lines(index)),
    });
  }

  clear(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }
}

function figure(host: ChartHost, caption: string): HTMLElement {
  return element('figure', {}, host.root, element('figcaption', { class: 'note' }, caption));
}

/** Both charts have the same, with the bins' edges at its ends. */
function scaleOf(bins: readonly Bin[]): Scale {
  const min = inMs(bins[0]?.from ?? 1);
  const max = inMs(bins.at(-1)?.to ?? 10);
  return { min, max, isLog: true, label: 'RTT, ms' };
}

function paintBars(plot: uPlot, bins: readonly Bin[], share: (bin: Bin) => number): void {
  const { ctx } = plot;
  const bottom = plot.valToPos(0, 'y', true);
  const gap = devicePixelRatio;
  ctx.fillStyle = colors().bar;
  for (const bin of bins) {
    if (bin.count === 0) continue;
    const left = Math.round(plot.valToPos(inMs(bin.from), 'x', true));
    const right = Math.round(plot.valToPos(inMs(bin.to), 'x', true));
    const top = plot.valToPos(share(bin), 'y', true);
    // One among a million is still to be seen.
    const height = Math.max(devicePixelRatio, bottom - top);
    ctx.fillRect(left, bottom - height, Math.max(gap, right - left - gap), height);
  }
}

function paintSteps(plot: uPlot, steps: readonly Step[], rtts: RttDistribution): void {
  const { ctx, bbox } = plot;
  const x = (rtt: number) => plot.valToPos(inMs(Math.max(1, rtt)), 'x', true);
  const y = (percent: number) => plot.valToPos(percent, 'y', true);
  const { line, baseline, text } = colors();
  const path = new Path2D();
  path.moveTo(bbox.left, y(0));
  let before = 0;
  for (const { rtt, share } of steps) {
    path.lineTo(x(rtt), y(before));
    before = 100 * share;
    path.lineTo(x(rtt), y(before));
  }
  path.lineTo(bbox.left + bbox.width, y(before));
  ctx.strokeStyle = line;
  ctx.lineJoin = 'round';
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.stroke(path);
  for (const guide of GUIDES) paintGuide(plot, x(rtts.percentile(guide)), y(guide), guide);

  function paintGuide({ ctx }: uPlot, across: number, up: number, percent: number): void {
    const lines = new Path2D();
    lines.moveTo(bbox.left, up);
    lines.lineTo(across, up);
    lines.lineTo(across, y(0));
    ctx.strokeStyle = baseline;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.stroke(lines);
    ctx.setLineDash([]);
    ctx.fillStyle = text;
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = 'top';
    ctx.fillText(`p${percent}`, bbox.left + 4 * devicePixelRatio, up + 2 * devicePixelRatio);
  }
}

function binLines(bin: Bin | undefined, total: number): string[] {
  if (!bin) return [];
  const percent = ((100 * bin.count) / total).toFixed(2);
  return [
    `${msText(bin.from)} to ${msText(bin.to)}`,
    `${quantity(bin.count, 'RTT')}, ${percent} %`,
  ];
}

function stepLines(step: Step | undefined): string[] {
  if (!step) return [];
  return [`${(100 * step.share).toFixed(2)} % of RTTs`, `are at most ${msText(step.rtt)}`];
}
