/** RTTs over time, as paint: from least to most a band, and the median as a line. */
import type uPlot from 'uplot';
import type { Mark } from '../run-facts.js';
import { type Columns, stretchesOf } from './columns.js';
import { inMs } from './text.js';
import type { Colors } from './theme.js';

/** Further apart, columns are not joined. */
const WIDEST_GAP_PX = 48;
/** A label needs so much room. */
const LABEL_PX = 76;
const DOT_PX = 2;
/** A logarithmic axis has no 0. */
const LEAST_NS = 1;

export function paintColumns(plot: uPlot, columns: Columns, colors: Colors): void {
  const { ctx } = plot;
  const x = (index: number) => plot.valToPos(columns.times[index] as number, 'x', true);
  const y = (values: Float64Array, index: number) => yOf(plot, values[index] as number);
  const across = plot.posToVal(WIDEST_GAP_PX, 'x') - plot.posToVal(0, 'x');
  const { least, median, most, p99, reach = 0 } = columns;
  const widest = Math.max(across, reach);
  ctx.lineJoin = 'round';
  for (const { start, end } of stretchesOf(columns, widest)) {
    const indices = Array.from({ length: end - start }, (_, index) => start + index);
    const up = indices.map((index) => [x(index), y(most, index)] as const);
    const down = indices.toReversed().map((index) => [x(index), y(least, index)] as const);
    const middle = indices.map((index) => [x(index), y(median, index)] as const);
    const area = pathOf([...up, ...down]);
    ctx.fillStyle = ctx.strokeStyle = colors.band;
    ctx.lineWidth = 2 * devicePixelRatio;
    // A column on its own has no area, but an extent.
    if (middle.length === 1) ctx.stroke(area);
    else ctx.fill(area);
    ctx.strokeStyle = ctx.fillStyle = colors.line;
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.stroke(pathOf(middle));
    if (middle.length === 1) ctx.fill(dotAt(middle[0]));
    if (p99)
      paintP99(
        ctx,
        indices.map((index) => [x(index), y(p99, index)] as const),
      );
  }
}

function paintP99(ctx: CanvasRenderingContext2D, points: readonly Point[]): void {
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 2 * devicePixelRatio]);
  ctx.stroke(pathOf(points));
  ctx.setLineDash([]);
}

/** How near a peer is: what is above has waited. */
export function paintBaseline(plot: uPlot, least: number, colors: Colors): void {
  const { ctx, bbox } = plot;
  const at = yOf(plot, least);
  ctx.strokeStyle = colors.baseline;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.stroke(
    pathOf([
      [bbox.left, at],
      [bbox.left + bbox.width, at],
    ]),
  );
  ctx.setLineDash([]);
}

/** As many as have a pixel of their own, and labels where there is room. */
export function paintMarks(plot: uPlot, marks: readonly Mark[], colors: Colors): void {
  const { ctx, bbox } = plot;
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textBaseline = 'top';
  let before = Number.NEGATIVE_INFINITY;
  let labelled = Number.NEGATIVE_INFINITY;
  for (const { kind, time } of marks) {
    const at = Math.round(plot.valToPos(time, 'x', true));
    if (at - before < 1) continue;
    before = at;
    ctx.strokeStyle = ctx.fillStyle = colors[kind];
    ctx.lineWidth = devicePixelRatio;
    ctx.stroke(
      pathOf([
        [at + 0.5, bbox.top],
        [at + 0.5, bbox.top + bbox.height],
      ]),
    );
    if (at - labelled < LABEL_PX * devicePixelRatio) continue;
    ctx.fillText(kind, at + 4 * devicePixelRatio, bbox.top + 2 * devicePixelRatio);
    labelled = at;
  }
}

function yOf(plot: uPlot, rtt: number): number {
  return plot.valToPos(inMs(Math.max(LEAST_NS, rtt)), 'y', true);
}

type Point = readonly [x: number, y: number];

function pathOf(points: readonly Point[]): Path2D {
  const path = new Path2D();
  for (const [x, y] of points) path.lineTo(x, y);
  return path;
}

function dotAt([x, y]: Point = [0, 0]): Path2D {
  const path = new Path2D();
  path.arc(x, y, DOT_PX * devicePixelRatio, 0, 2 * Math.PI);
  return path;
}
