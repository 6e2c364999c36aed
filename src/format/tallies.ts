/** What was seen at each of several interfaces, for people. */
import { placeText } from '../events/places.js';
import { asciiText } from '../text/ascii.js';
import { shortened } from '../text/shortened.js';
import { byteCount, count } from '../text/units.js';
import type { InterfaceTally } from '../visibility/interface-change.js';

const MOST_ROWS = 10;
const NAME_WIDTH = 20;
const COLUMN_WIDTH = 10;

/** A table of those with the most packets; none where there are not several. */
export function tallyLines(tallies: readonly InterfaceTally[] = []): string[] {
  if (tallies.length === 0) return [];
  const most = [...tallies].sort((a, b) => packetsOf(b) - packetsOf(a)).slice(0, MOST_ROWS);
  const rows = most.map((tally) => {
    const { egress, ingress, bytes } = tally;
    return row(shortened(nameOf(tally), NAME_WIDTH), [
      String(egress),
      String(ingress),
      byteCount(bytes),
    ]);
  });
  const others = tallies.length - most.length;
  const rest = others > 0 ? [`  ${count(others, 'more interface')} with fewer packets`] : [];
  return [row('interface, packets', ['egress', 'ingress', 'bytes']), ...rows, ...rest];
}

function packetsOf({ egress, ingress }: InterfaceTally): number {
  return egress + ingress;
}

function nameOf({ name, netns, isWatched }: InterfaceTally): string {
  if (name === '') return 'others (gone)';
  const text = asciiText(placeText({ netns, interface: name }));
  return isWatched ? text : `${text} (gone)`;
}

function row(name: string, cells: readonly string[]): string {
  return `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => ` ${cell.padStart(COLUMN_WIDTH)}`).join('')}`;
}
