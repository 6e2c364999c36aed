/** The filter where the core reads it: a constant of the programs, or the memory of a replay. */
import { endianness } from 'node:os';
import { MOST_PREFIXES, PREFIX, writePrefix } from '../prefix.js';
import { type Filter, isActive, type Selection } from '../sampling/filter.js';
import { type GlobalVariables, viewOf } from './settings.js';

/** The core has room for so many (bpf/pping.h). */
export const MOST_PORT_RANGES = 64;

/** struct port_range (bpf/pping.h); this and those below are compared with the object's BTF by a test. */
export const PORT_RANGE = { first: 0, last: 2, size: 4 } as const;

/** struct selection */
export const SELECTION = {
  prefixCount: 0,
  portRangeCount: 4,
  prefixes: 8,
  portRanges: 2568,
  size: 2824,
} as const;

/** struct filter */
export const FILTER = { include: 0, exclude: 2824, isActive: 5648, size: 5656 } as const;

const LITTLE = endianness() === 'LE';

/** Before the programs are loaded, or a replay begins. At most MOST_PREFIXES and MOST_PORT_RANGES of each. */
export function writeFilter(map: GlobalVariables, filter: Filter): void {
  const view = viewOf(map);
  writeSelection(view, FILTER.include, filter.include);
  writeSelection(view, FILTER.exclude, filter.exclude);
  view.setUint32(FILTER.isActive, isActive(filter) ? 1 : 0, LITTLE);
}

function writeSelection(view: DataView, at: number, { prefixes, portRanges }: Selection): void {
  if (prefixes.length > MOST_PREFIXES || portRanges.length > MOST_PORT_RANGES) {
    throw new RangeError('the filter has more than there is room for');
  }
  view.setUint32(at + SELECTION.prefixCount, prefixes.length, LITTLE);
  view.setUint32(at + SELECTION.portRangeCount, portRanges.length, LITTLE);
  prefixes.forEach((prefix, index) => {
    writePrefix(view, at + SELECTION.prefixes + index * PREFIX.size, prefix, LITTLE);
  });
  portRanges.forEach(({ first, last }, index) => {
    const range = at + SELECTION.portRanges + index * PORT_RANGE.size;
    view.setUint16(range + PORT_RANGE.first, first, LITTLE);
    view.setUint16(range + PORT_RANGE.last, last, LITTLE);
  });
}
