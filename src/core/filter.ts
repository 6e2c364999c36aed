/** The filter where the core reads it: a constant of the programs, or the memory of a replay. */
import { type Filter, isActive, type Selection } from '../sampling/filter.js';
import { LITTLE } from './endianness.js';
import { type GlobalVariables, viewOf } from './global-variables.js';
import { FILTER, LIMIT, PORT_RANGE, PREFIX, SELECTION } from './layouts.js';
import { writePrefix } from './prefix.js';
import { protocolBits } from './protocol-bits.js';

/** Before the programs are loaded, or a replay begins. At most LIMIT of each. */
export function writeFilter(map: GlobalVariables, filter: Filter): void {
  const view = viewOf(map);
  writeSelection(view, FILTER.include, filter.include);
  writeSelection(view, FILTER.exclude, filter.exclude);
  view.setUint32(FILTER.protocols, protocolBits(filter.protocols), LITTLE);
  view.setUint32(FILTER.isActive, isActive(filter) ? 1 : 0, LITTLE);
}

function writeSelection(view: DataView, at: number, { prefixes, portRanges }: Selection): void {
  if (prefixes.length > LIMIT.prefixes || portRanges.length > LIMIT.portRanges) {
    throw new RangeError('the filter has more than there is room for');
  }
  view.setUint32(at + SELECTION.prefixCount, prefixes.length, LITTLE);
  view.setUint32(at + SELECTION.portRangeCount, portRanges.length, LITTLE);
  prefixes.forEach((prefix, index) => {
    writePrefix(view, at + SELECTION.prefixes + index * PREFIX.size, prefix);
  });
  portRanges.forEach(({ first, last }, index) => {
    const range = at + SELECTION.portRanges + index * PORT_RANGE.size;
    view.setUint16(range + PORT_RANGE.first, first, LITTLE);
    view.setUint16(range + PORT_RANGE.last, last, LITTLE);
  });
}
