/** A filter as tcpdump has it (pcap-filter(7)), as far as there is one for connections. */
import { messageOf, UsageError } from '../faults.js';
import type { Prefix } from '../sampling/prefix.js';
import { PROTOCOL_WORDS } from '../sampling/protocols.js';
import { both, type Clauses, either, NONE, not, only } from './clauses.js';
import { type AddressesOf, addressesOnly, parseHostOrNetwork } from './hosts.js';
import { parsePorts } from './ports.js';
import { parsePrefix, parseShortNetwork } from './prefix.js';
import { type FILTER_KINDS, type FILTER_PROTOCOLS, FILTER_WORDS } from './protocols.js';
import { refusedValue } from './refusals.js';

/** What follows one of these is its value. */
type Kind = (text: string, addressesOf: AddressesOf) => Clauses;
const KINDS: ReadonlyMap<string, Kind> = new Map<(typeof FILTER_KINDS)[number], Kind>([
  ['host', (text, addressesOf) => anyOf(addressesOf(parseHostOrNetwork(text)))],
  ['net', (text) => only({ prefix: parseShortNetwork(text) })],
  ['port', (text) => only({ ports: parsePorts(text) })],
  ['portrange', (text) => only({ ports: parsePorts(text) })],
]);
/** What is missing where nothing follows. */
const VALUES: ReadonlyMap<string, string> = new Map<(typeof FILTER_KINDS)[number], string>([
  ['host', 'an address'],
  ['net', 'a network'],
  ['port', 'a port'],
  ['portrange', 'a range of ports'],
]);
/** These take no value. Networks are only read where they are asked for: the first one takes milliseconds. */
const PROTOCOLS: ReadonlyMap<string, () => Clauses> = new Map<
  (typeof FILTER_PROTOCOLS)[number],
  () => Clauses
>([
  ...PROTOCOL_WORDS.map((word) => [word, () => only({ protocol: word })] as const),
  ['icmp6', () => both(only({ protocol: 'icmp' }), only({ prefix: parsePrefix('::/0') }))],
  ['ip', () => only({ prefix: parsePrefix('0.0.0.0/0') })],
  ['ip6', () => only({ prefix: parsePrefix('::/0') })],
]);
const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['!', 'not'],
  ['&&', 'and'],
  ['||', 'or'],
]);
const JOINS = { and: both, or: either } as const;
const OTHER_PROTOCOLS = ['udp', 'igmp', 'sctp', 'arp', 'rarp'];
/** Of tcpdump's, what there is not: connections are measured as a whole, and not by single packets. */
const REFUSED = [
  ...['src', 'dst', 'ether', 'vlan', 'mpls', 'proto', 'mask', 'len', 'less', 'greater'],
  ...['broadcast', 'multicast', ...OTHER_PROTOCOLS],
];
/** `tcp[13]`: bytes of a packet. */
const BYTES = /^[a-z]\w*\[/;
const TOKEN = /[()]|!|&&|\|\||[^\s()!&|]+|[&|]/g;

const BEGINNINGS = new Set([...KINDS.keys(), ...PROTOCOLS.keys(), ...['not', '('], ...REFUSED]);
const NO_VALUES = new Set([...BEGINNINGS, 'and', 'or', ')', '&', '|']);

/** Whether a filter begins so, or is meant to. */
export function beginsFilter(word: string): boolean {
  const [first = ''] = tokensOf(word);
  return BEGINNINGS.has(first) || BYTES.test(first);
}

/**
 * Throws a UsageError that says what is wrong.
 * @param words at least one; they may have spaces in them
 * @param addressesOf what names of hosts stand for; without it they are refused
 */
export function parseFilterWords(
  words: readonly string[],
  addressesOf: AddressesOf = addressesOnly,
): Clauses {
  const reader = new Reader(tokensOf(words.join(' ')), addressesOf);
  const clauses = reader.expression();
  reader.refuseRest();
  return clauses;
}

function anyOf(prefixes: readonly Prefix[]): Clauses {
  return prefixes.map((prefix) => only({ prefix })).reduce(either, NONE);
}

function tokensOf(text: string): string[] {
  return [...text.matchAll(TOKEN)].map(([token]) => OPERATORS.get(token) ?? token);
}

class Reader {
  readonly #tokens: string[];
  readonly #addressesOf: AddressesOf;
  /** Of the values that follow: `port 80 or 443`. */
  #kind: string | undefined;
  /** That was taken. */
  #last = '';

  constructor(tokens: string[], addressesOf: AddressesOf) {
    this.#tokens = tokens;
    this.#addressesOf = addressesOf;
  }

  get next(): string | undefined {
    return this.#tokens[0];
  }

  /** As pcap-filter(7) has it: `and` and `or` bind alike, from left to right. */
  expression(): Clauses {
    let clauses = this.#term();
    while (this.next === 'and' || this.next === 'or') {
      const join = JOINS[this.next];
      this.#take();
      clauses = join(clauses, this.#term());
    }
    return clauses;
  }

  /** Throws a UsageError where anything follows. */
  refuseRest(): void {
    if (this.next === undefined) return;
    if (!this.#couldBeTerm(this.next)) throw unknown(this.next);
    throw new UsageError(`filter: "and" or "or" is missing before ${JSON.stringify(this.next)}`);
  }

  #term(): Clauses {
    const token = this.#take();
    if (token === 'not') return not(this.#term());
    if (token === '(') return this.#parenthesis();
    const protocol = PROTOCOLS.get(token);
    if (protocol !== undefined) return this.#protocol(protocol());
    if (!KINDS.has(token)) return this.#values(token);
    this.#kind = token;
    return this.next === '(' ? this.#term() : this.#values(this.#take());
  }

  #parenthesis(): Clauses {
    const clauses = this.expression();
    if (this.next === undefined) throw new UsageError('filter: ")" is missing');
    if (this.next !== ')') this.refuseRest();
    this.#take();
    return clauses;
  }

  /** `tcp port 80` is `tcp and port 80`. */
  #protocol(clauses: Clauses): Clauses {
    return KINDS.has(this.next ?? '') ? both(clauses, this.#term()) : clauses;
  }

  /** Also several, as options have them: `port 80,443`. */
  #values(text: string): Clauses {
    const parse = KINDS.get(this.#kind ?? '');
    if (parse === undefined || NO_VALUES.has(text) || BYTES.test(text)) throw unknown(text);
    try {
      return text
        .split(',')
        .map((each) => parse(each, this.#addressesOf))
        .reduce(either);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      throw refusedValue(`filter: ${this.#kind}`, text, messageOf(error));
    }
  }

  /** Also the value alone of one that has a kind: `port 80 443`. */
  #couldBeTerm(token: string): boolean {
    if (BEGINNINGS.has(token)) return !REFUSED.includes(token);
    if (NO_VALUES.has(token) || BYTES.test(token)) return false;
    try {
      this.#values(token);
      return true;
    } catch {
      return false;
    }
  }

  #take(): string {
    const token = this.#tokens.shift();
    if (token === undefined) throw nothingAfter(this.#last);
    this.#last = token;
    return token;
  }
}

function nothingAfter(last: string): UsageError {
  const word = JSON.stringify(last);
  const value = VALUES.get(last);
  if (value !== undefined) return new UsageError(`filter: ${word} needs ${value}`);
  return new UsageError(`filter: nothing follows ${word}`);
}

function unknown(token: string): UsageError {
  const word = JSON.stringify(token);
  if (NO_VALUES.has(token) && !REFUSED.includes(token)) {
    return new UsageError(`filter: unexpected ${word}`);
  }
  return new UsageError(`unsupported filter word ${word}; ${insteadOf(token)}`);
}

function insteadOf(token: string): string {
  if (token === 'udp') return 'use dns or quic';
  if (OTHER_PROTOCOLS.includes(token)) return `pping measures ${PROTOCOL_WORDS.join(', ')}`;
  return `supported: ${FILTER_WORDS}; host, net and port match either end`;
}
