/** What --protocol takes, and the words of a filter. */
import { ALL, PROTOCOL_WORDS, type ProtocolWord } from '../sampling/protocols.js';

/** All that may be given. */
export const PROTOCOL_CHOICES = [...PROTOCOL_WORDS, ALL] as const;

/** That a filter in words has. */
export const FILTER_PROTOCOLS = [...PROTOCOL_WORDS, 'icmp6', 'ip', 'ip6'] as const;
/** Each takes a value. */
export const FILTER_KINDS = ['host', 'net', 'port', 'portrange'] as const;
/** All of its words, for people. */
export const FILTER_WORDS = [...FILTER_KINDS, ...FILTER_PROTOCOLS, 'and', 'or', 'not', '( )'].join(
  ', ',
);

/** Throws an Error that says what is wrong. */
export function parseProtocol(text: string): ProtocolWord | typeof ALL {
  const word = PROTOCOL_CHOICES.find((each) => each === text);
  if (word === undefined) {
    throw new Error(`must be one of ${PROTOCOL_CHOICES.join(', ')}`);
  }
  return word;
}
