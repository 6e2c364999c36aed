/** uPlot as a frame: axes, scales and a cursor. What is in it, is painted by whoever asks for it. */
import uPlot from 'uplot';
import { tickText, timeTickText } from './text.js';
import { colors } from './theme.js';
import { linearTicks, logTicks } from './ticks.js';

export interface Scale {
  readonly min: number;
  readonly max: number;
  readonly isLog: boolean;
  readonly label: string;
}

export interface PlotSpec {
  /** ms since the epoch where `x` is undefined. */
  readonly xs: Float64Array | number[];
  readonly from: number;
  readonly to: number;
  /** Undefined: time. */
  readonly x?: Scale;
  readonly y: Scale;
  readonly paint: (plot: uPlot) => void;
  /** The index of the nearest x, or undefined when the cursor is elsewhere. */
  readonly onCursor: (plot: uPlot, index: number | undefined) => void;
  /** Where a part of x can be chosen; undefined is all of it. */
  readonly onZoom?: (range: { from: number; to: number } | undefined) => void;
}

const FONT = '12px system-ui, sans-serif';
const Y_AXIS_PX = 54;
/** Half of the longest label of an axis. */
const RIGHT_PX = 28;
const X_AXIS_PX = 26;
const LABEL_PX = 18;
const LOG = 3;

/** Takes the place of what was in the host. The host's size is the style sheet's. */
export function createPlot(host: HTMLElement, spec: PlotSpec): uPlot {
  const { width, height } = sizeOf(host);
  const { from, to } = spec;
  const flat = Array.from(spec.xs, () => null);
  const plot = new uPlot(
    {
      width,
      height,
      ms: 1,
      padding: [12, RIGHT_PX, 0, 0],
      legend: { show: false },
      cursor: cursorOf(spec),
      scales: {
        x: { time: false, distr: spec.x?.isLog ? LOG : 1, range: () => [from, to] },
        y: { distr: spec.y.isLog ? LOG : 1, range: () => [spec.y.min, spec.y.max] },
      },
      axes: [
        spec.x ? { ...valueAxis(spec.x, 60), size: X_AXIS_PX } : timeAxis(),
        { ...valueAxis(spec.y, 34), size: Y_AXIS_PX },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: {
        draw: [(drawn) => clipped(drawn, spec.paint)],
        setCursor: [({ cursor }) => spec.onCursor(plot, indexAt(cursor))],
        setSelect: [(chosen) => select(chosen, spec)],
      },
    },
    [spec.xs, flat],
    host,
  );
  return plot;
}

/** How many pixels its plotting area is wide. */
export function plotWidth(host: HTMLElement): number {
  return Math.max(1, sizeOf(host).width - Y_AXIS_PX - LABEL_PX - RIGHT_PX);
}

function sizeOf(host: HTMLElement) {
  return { width: Math.max(200, host.clientWidth), height: Math.max(120, host.clientHeight) };
}

function cursorOf({ onZoom }: PlotSpec): uPlot.Cursor {
  return {
    y: false,
    points: { show: false },
    drag: { x: onZoom !== undefined, y: false, setScale: false, dist: 4 },
    bind: {
      dblclick: () => () => {
        onZoom?.(undefined);
        return null;
      },
    },
  };
}

function indexAt({ left = -1, idx }: uPlot.Cursor): number | undefined {
  return left < 0 ? undefined : (idx ?? undefined);
}

function select(plot: uPlot, { onZoom }: PlotSpec): void {
  const { left, width } = plot.select;
  if (width <= 0) return;
  const at = (px: number) => plot.posToVal(px, 'x');
  const range = { from: at(left), to: at(left + width) };
  // Once uPlot has let go of the mouse: there may be another plot then.
  queueMicrotask(() => onZoom?.(range));
}

function timeAxis(): uPlot.Axis {
  return {
    ...commonAxis(),
    size: X_AXIS_PX,
    space: 96,
    splits: (_plot, _axis, min, max, apart) => timeTicks(min, max, apart),
    incrs: TIME_STEPS,
    values: (_plot, splits, _axis, _space, apart) =>
      splits.map((split) => timeTickText(split, apart)),
    label: 'UTC',
    labelSize: LABEL_PX,
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 365, 730, 3650].map((days) => days * DAY),
];

/** UTC days begin at multiples of a day since the epoch. */
function timeTicks(min: number, max: number, apart: number): number[] {
  const first = Math.ceil(min / apart);
  const count = Math.floor(max / apart) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * apart);
}

function valueAxis(scale: Scale, space: number): uPlot.Axis {
  const ticks = scale.isLog ? logTicks : linearTicks;
  return {
    ...commonAxis(),
    splits: (plot, axis, min, max) => {
      const px = (axis === 0 ? plot.bbox.width : plot.bbox.height) / devicePixelRatio;
      return ticks(min, max, Math.max(2, Math.floor(px / space)));
    },
    values: (_plot, splits) => splits.map(tickText),
    // All of them: uPlot's own choice for logarithmic axes is powers of ten.
    filter: (_plot, splits) => splits,
    label: scale.label,
    labelSize: LABEL_PX,
  };
}

function commonAxis(): uPlot.Axis {
  const { text, grid } = colors();
  return {
    stroke: text,
    font: FONT,
    labelFont: FONT,
    labelGap: 0,
    grid: { stroke: grid, width: 1, filter: (_plot, splits) => splits },
    gap: 4,
    ticks: { stroke: grid, width: 1, size: 4, filter: (_plot, splits) => splits },
  };
}

function clipped(plot: uPlot, paint: (plot: uPlot) => void): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  // As axes have left it.
  ctx.textAlign = 'left';
  paint(plot);
  ctx.restore();
}
