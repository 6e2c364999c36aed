/** What was measured on one side of the interface: its RTTs by what has answered them. */

import type { Distribution } from '../summary/distribution.js';
import type { PlaceTotals, Reported, SideTotals } from '../summary/run-totals.js';
import type { Side } from '../summary/sides.js';
import { asciiText } from '../text/ascii.js';
import { shortened } from '../text/shortened.js';
import { count, significant } from '../text/units.js';
import { type KindTexts, kindTexts, kindWords, leftOutText } from './path-kinds.js';
import { seenAtText } from './seen-at.js';

/**
 * A heading, and a table in milliseconds. Its first row is of the RTTs that tell the path best.
 * @param place what packets cross, as its name; undefined for a capture
 */
export function sideLines(totals: SideTotals, place = 'the interface'): string[] {
  const { side, protocol, samples, overdue, path, beside } = totals;
  // The interface is between the two paths: which of them is slow?
  const where = SIDE_TEXTS[side](asciiText(place));
  const what = protocol === undefined ? where : `${where}, ${protocol}`;
  const waited = overdue > 0 ? `, ${overdue} overdue (no answer in time)` : '';
  const kinds = kindTexts(protocol);
  const leftOut = leftOutText(totals);
  const width = totals.places.length > 0 ? PLACE_WIDTH : NAME_WIDTH;
  return [
    `${what}: ${count(samples, 'sample')}${waited}`,
    row('RTT in ms', ['RTTs', ...QUANTILES], width),
    ...[path, ...beside].map((each) => figuresRow(kinds[each.kind], each, width)),
    ...placeRows(totals.places, kindWords(protocol)),
    ...(leftOut === undefined ? [] : [`  ${leftOut}`]),
  ];
}

const SIDE_TEXTS: Record<Side, (place: string) => string> = {
  beyond: (place) => `beyond ${place}`,
  behind: (place) => `behind ${place}`,
  unknown: () => 'side unknown',
};

/** Which of the rows above a picture is of, where it is not of all. */
export function captionLines(totals: SideTotals): string[] {
  const { kind } = totals.path;
  return kind === 'all' ? [] : [`  ${kindTexts(totals.protocol)[kind]}, ms:`];
}

const QUANTILES = ['min', 'p50', 'p90', 'p99', 'max'] as const satisfies (keyof Distribution)[];
const NAME_WIDTH = 20;
/** With the longest name of an interface. */
const PLACE_WIDTH = 23;
const COLUMN_WIDTH = 8;

const MOST_PLACES = 10;

/** Those with the most RTTs, in the order in which they came; with the kind where that is not the same. */
function placeRows(places: readonly PlaceTotals[], words: KindTexts): string[] {
  const most = [...places].sort((a, b) => b.reported - a.reported).slice(0, MOST_PLACES);
  const areAlike = new Set(places.map(({ kind }) => kind)).size < 2;
  const rows = places
    .filter((place) => most.includes(place))
    .map((place) => {
      const text = figuresRow(shortened(placeText(place), PLACE_WIDTH), place, PLACE_WIDTH);
      return areAlike ? text : `${text}  ${words[place.kind]}`;
    });
  const others = places.length - most.length;
  return others > 0 ? [...rows, `  ${count(others, 'more place')} with fewer RTTs`] : rows;
}

function placeText({ seenAt }: PlaceTotals): string {
  return `seen ${seenAt ? 'at ' : ''}${seenAtText(seenAt)}`;
}

function figuresRow(name: string, { reported, rtt }: Reported, width: number): string {
  const times = QUANTILES.map((quantile) => significant(rtt[quantile] / 1e6));
  return row(name, [String(reported), ...times], width);
}

function row(name: string, cells: readonly string[], width: number): string {
  const columns = cells.map((cell) => ` ${cell.padStart(COLUMN_WIDTH)}`);
  return `  ${name.padEnd(width)}${columns.join('')}`;
}
