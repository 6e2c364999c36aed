/** Protocols as the core has them: enum protocols. */
import type { Filter } from '../sampling/filter.js';
import { protocolsOf } from '../sampling/protocols.js';
import { PROTOCOLS } from './layouts.js';

export function protocolBits(protocols: Filter['protocols']): number {
  return [...protocolsOf(protocols)].reduce((bits, word) => bits | PROTOCOLS[word], 0);
}
