// How costs grow with flows, as an SVG: three panels beside each other, flows on a logarithmic scale.
import type { Cost } from './turn.js';

interface Line {
  readonly name: string;
  readonly field: keyof Cost;
}

interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

const PANELS: readonly Panel[] = [
  {
    title: 'kernel, ns per packet',
    lines: [
      { name: 'egress', field: 'egressNs' },
      { name: 'ingress', field: 'ingressNs' },
    ],
  },
  { title: 'reader, us per event', lines: [{ name: '', field: 'readerUs' }] },
  {
    title: 'memory, MiB',
    lines: [
      { name: 'process', field: 'residentMiB' },
      { name: 'BPF maps', field: 'mapMiB' },
    ],
  },
];
/** Of a panel; its plot is what the margins leave. */
const SIZE = { width: 280, height: 210 } as const;
const MARGIN = { left: 44, right: 14, top: 42, bottom: 34 } as const;
const PLOT = {
  width: SIZE.width - MARGIN.left - MARGIN.right,
  height: SIZE.height - MARGIN.top - MARGIN.bottom,
} as const;
const TICKS = 4;
/** As the system's appearance is. Two lines in a panel are told apart without their colours, too. */
const STYLE = `
text { font: 11px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600; fill: #24292f }
.grid { stroke: #d0d7de }
.first { color: #0969da }
.second { color: #bc4c00 }
.line { fill: none; stroke: currentColor; stroke-width: 2 }
.second.line { stroke-dasharray: 5 3 }
.dot, .name { fill: currentColor }
@media (prefers-color-scheme: dark) {
  text { fill: #9198a1 }
  .title { fill: #f0f6fc }
  .grid { stroke: #3d444d }
  .first { color: #4493f8 }
  .second { color: #f0883e }
  .name { fill: currentColor }
}`;
const STYLES = ['first', 'second'] as const;

/**
 * @param flows of each measurement, ascending
 * @param valuesOf what was measured of each
 */
export function drawPicture(
  flows: readonly number[],
  valuesOf: (field: keyof Cost) => readonly number[],
): string {
  const panels = PANELS.map((panel, at) => {
    const drawn = drawPanel(panel, flows, valuesOf);
    return `<g transform="translate(${at * SIZE.width} 0)">\n${drawn}\n</g>`;
  });
  const [width, height] = [PANELS.length * SIZE.width, SIZE.height];
  const size = `viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const title = '<title>How the cost of pping grows with the number of flows</title>';
  const open = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`;
  return `${[open, title, `<style>${STYLE}\n</style>`, ...panels].join('\n')}\n</svg>\n`;
}

function drawPanel(
  { title, lines }: Panel,
  flows: readonly number[],
  valuesOf: (field: keyof Cost) => readonly number[],
): string {
  const step = stepFor(Math.max(...lines.flatMap(({ field }) => valuesOf(field))));
  const x = (of: number) => {
    const [least = 1, most = 1] = [flows[0], flows.at(-1)];
    return MARGIN.left + (PLOT.width * Math.log(of / least)) / Math.log(most / least);
  };
  const y = (value: number) => MARGIN.top + PLOT.height * (1 - value / (TICKS * step));
  const curves = lines.map(({ field }, at) => {
    const points = valuesOf(field).map((value, index) => [x(flows[index] ?? 1), y(value)] as const);
    return drawCurve(points, STYLES[at] ?? 'first');
  });
  return [
    text(MARGIN.left, 14, title, 'class="title"'),
    text(MARGIN.left, 30, namesOf(lines), ''),
    ...Array.from({ length: TICKS + 1 }, (_, at) => drawTick(y(at * step), at * step)),
    ...flows.map((of) => text(x(of), SIZE.height - 16, short(of), 'text-anchor="middle"')),
    text(MARGIN.left + PLOT.width / 2, SIZE.height - 3, 'flows', 'text-anchor="middle"'),
    ...curves,
  ].join('\n');
}

/** The second is the one with a broken line. */
function namesOf(lines: readonly Line[]): string {
  if (lines.length === 1) return '';
  const marks = ['\u2014', '- -'];
  return lines
    .map(({ name }, at) => `<tspan class="name ${STYLES[at]}">${marks[at]} ${name}</tspan>`)
    .join(' \u00a0 ');
}

function drawTick(y: number, value: number): string {
  const line = `<path class="grid" d="M${MARGIN.left} ${round(y)}h${PLOT.width}"/>`;
  return line + text(MARGIN.left - 6, y + 4, short(value), 'text-anchor="end"');
}

function drawCurve(points: readonly (readonly [number, number])[], style: string): string {
  const path = points.map((point) => point.map(round).join(' ')).join('L');
  const dots = points.map(
    ([x, y]) => `<circle class="dot ${style}" cx="${round(x)}" cy="${round(y)}" r="2.5"/>`,
  );
  return [`<path class="line ${style}" d="M${path}"/>`, ...dots].join('\n');
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${round(x)}" y="${round(y)}" ${attributes}>${words}</text>`;
}

/** 1, 2 or 5 times a power of ten, so that TICKS of them reach beyond the greatest value. */
function stepFor(most: number): number {
  const least = most / TICKS;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 2.5, 5].find((factor) => factor * power >= least) ?? 10);
}

function short(value: number): string {
  return value >= 1_000 ? `${value / 1_000}k` : String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
