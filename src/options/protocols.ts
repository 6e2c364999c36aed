/** What --protocol takes. */
import { ALL, PROTOCOL_WORDS, type ProtocolWord } from '../sampling/protocols.js';

/** Throws an Error that says what is wrong. */
export function parseProtocol(text: string): ProtocolWord | typeof ALL {
  const words = [...PROTOCOL_WORDS, ALL] as const;
  const word = words.find((each) => each === text);
  if (word === undefined) {
    throw new Error(`not a protocol that pping measures: there are ${words.join(', ')}`);
  }
  return word;
}
