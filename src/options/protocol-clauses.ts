/** Which protocols a filter in words leaves, and what is left of it besides. */
import { UsageError } from '../faults.js';
import type { Filter } from '../sampling/filter.js';
import { type ProtocolWord, protocolsOf } from '../sampling/protocols.js';
import { type Clause, type Clauses, type Literal, refuse } from './clauses.js';

export interface OfProtocols {
  /** None stands for TCP. */
  readonly protocols: Filter['protocols'];
  /** They name none. */
  readonly clauses: Clauses;
}

/**
 * Throws a UsageError where no filter expresses that, or no connection fits it.
 * @param given those of --protocol; without it there are TCP, and whatever the filter names
 */
export function ofProtocols(clauses: Clauses, given: Filter['protocols']): OfProtocols {
  const named = clauses.flat().flatMap((each) => ('protocol' in each ? [each.protocol] : []));
  if (named.length === 0) return { protocols: given, clauses };
  const all = new Set([...protocolsOf(given), ...(given.length > 0 ? [] : named)]);
  let measured = all;
  let left = known(clauses, measured);
  for (let next = narrowing(left); next; next = narrowing(left)) {
    measured = new Set([...measured].filter((word) => next.some((each) => isTrue(each, word))));
    left = known(left, measured);
  }
  if (measured.size === 0 || left.some(({ length }) => length === 0))
    throw nothingFits(named, given);
  if (left.flat().some(isOfProtocol)) refuse();
  const isOfTcp = measured.size === 1 && measured.has('tcp');
  const isAsGiven = given.length > 0 ? measured.size === all.size : isOfTcp;
  return { protocols: isAsGiven ? given : [...measured], clauses: left };
}

/** @param given those of --protocol, which may lack what the words name */
function nothingFits(named: readonly ProtocolWord[], given: Filter['protocols']): UsageError {
  const words = protocolsOf(given);
  const isTcpAlone = given.length === 0 && named.every((word) => word === 'tcp');
  if (isTcpAlone)
    return new UsageError('no connection can match this: only TCP is measured without --protocol');
  const missing = given.length > 0 ? named.find((word) => !words.has(word)) : undefined;
  const why = missing === undefined ? '' : `: ${missing} is not in --protocol ${given.join(',')}`;
  return new UsageError(`no connection can match this${why}`);
}

/** What is true of all that is measured says nothing more; nor does what is true of none of it, beside something else. */
function known(clauses: Clauses, measured: ReadonlySet<ProtocolWord>): Clauses {
  const words = [...measured];
  const isTrueOfAll = (clause: Clause) =>
    words.every((word) => clause.some((literal) => isTrue(literal, word)));
  const isTrueOfNone = (literal: Literal) =>
    isOfProtocol(literal) && !words.some((word) => isTrue(literal, word));
  return clauses
    .filter((clause) => !isTrueOfAll(clause))
    .map((clause) => clause.filter((literal) => !isTrueOfNone(literal)));
}

/** One that says something of protocols, and of nothing else. */
function narrowing(clauses: Clauses): Clause | undefined {
  return clauses.find((clause) => clause.length > 0 && clause.every(isOfProtocol));
}

function isOfProtocol(literal: Literal): boolean {
  return 'protocol' in literal;
}

function isTrue(literal: Literal, word: ProtocolWord): boolean {
  return 'protocol' in literal && (literal.protocol === word) !== literal.isExcluded;
}

/** Identifiers are in the place of ports. */
const WITHOUT_PORTS: readonly Filter['protocols'][number][] = ['icmp'];

/** Throws a UsageError where nothing that is measured has the ports that are asked for. */
export function refusePortless({ protocols, include }: Filter): void {
  if (include.portRanges.length === 0 || protocols.length === 0) return;
  if (protocols.every((word) => WITHOUT_PORTS.includes(word)))
    throw new UsageError('no connection can match this: ICMP has no ports');
}
