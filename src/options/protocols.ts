/** What --protocol takes. */
import { ALL, PROTOCOL_WORDS, type ProtocolWord } from '../sampling/protocols.js';

/** All that may be given. */
export const PROTOCOL_CHOICES = [...PROTOCOL_WORDS, ALL] as const;

/** That a filter in words has. */
export const FILTER_PROTOCOLS = [...PROTOCOL_WORDS, 'icmp6', 'ip', 'ip6'] as const;

/** Throws an Error that says what is wrong. */
export function parseProtocol(text: string): ProtocolWord | typeof ALL {
  const word = PROTOCOL_CHOICES.find((each) => each === text);
  if (word === undefined) {
    throw new Error(`not a protocol that pping measures: there are ${PROTOCOL_CHOICES.join(', ')}`);
  }
  return word;
}
