/**
 * What a connection has to be, as logic: a conjunction of clauses, each a disjunction of literals. The filter of the
 * core can express some of it.
 */
import { UsageError } from '../faults.js';
import type { Filter, PortRange, Selection } from '../sampling/filter.js';
import type { Prefix } from '../sampling/prefix.js';
import type { ProtocolWord } from '../sampling/protocols.js';

/** That an end of the connection has such an address, or such a port; or that it is of such a protocol. */
type Atom =
  | { readonly prefix: Prefix }
  | { readonly ports: PortRange }
  | { readonly protocol: ProtocolWord };
export type Literal = Atom & { readonly isExcluded: boolean };
export type Clause = readonly Literal[];
/** All of the clauses hold. None at all: any connection. */
export type Clauses = readonly Clause[];

/** One clause that nothing can fulfil. */
export const NONE: Clauses = [[]];
/** The number of clauses may grow like the product of those of its parts. */
const MOST_CLAUSES = 4096;
const BYTE_BITS = 8;

export function only(atom: Atom): Clauses {
  return [[{ ...atom, isExcluded: false }]];
}

export function both(left: Clauses, right: Clauses): Clauses {
  return [...left, ...right];
}

/** Throws a UsageError where that becomes too much. */
export function either(left: Clauses, right: Clauses): Clauses {
  if (left.length * right.length > MOST_CLAUSES) refuse();
  return left.flatMap((one) => right.map((other) => [...one, ...other]));
}

export function not(clauses: Clauses): Clauses {
  const opposites = clauses.map(
    (clause): Clauses => clause.map((literal) => [{ ...literal, isExcluded: !literal.isExcluded }]),
  );
  return opposites.reduce<Clauses>(either, NONE);
}

export function clausesOf({ include, exclude }: Pick<Filter, 'include' | 'exclude'>): Clauses {
  const included = [atomsIn({ ...include, portRanges: [] }), atomsIn({ ...include, prefixes: [] })];
  const excluded = atomsIn(exclude).flatMap((atom) => not(only(atom)));
  const clauses = included.map((atoms) => atoms.map((atom) => ({ ...atom, isExcluded: false })));
  return [...clauses.filter((clause) => clause.length > 0), ...excluded];
}

function atomsIn({ prefixes, portRanges }: Selection): Atom[] {
  return [...prefixes.map((prefix) => ({ prefix })), ...portRanges.map((ports) => ({ ports }))];
}

/** Throws a UsageError where no filter expresses that. @param clauses they name no protocol: ofProtocols() */
export function filterOf(clauses: Clauses): Pick<Filter, 'include' | 'exclude'> {
  const needed = withoutImplied(clauses);
  const excluding = needed.filter((clause) => clause.every(({ isExcluded }) => isExcluded));
  const including = needed.filter((clause) => !excluding.includes(clause));
  if (needed.some((clause) => clause.length === 0))
    throw new UsageError('no connection can match this');
  if (excluding.some((clause) => clause.length > 1) || including.length > 2) refuse();
  const [one, other] = including.map(includedBy);
  if (one && other && one.prefixes.length > 0 === other.prefixes.length > 0) refuse();
  return {
    include: joined([one, other]),
    exclude: selectionOf(excluding.flat()),
  };
}

/** A clause that follows from another says nothing more. */
function withoutImplied(clauses: Clauses): Clauses {
  return clauses.filter((clause, index) => {
    return !clauses.some((other, place) => {
      if (place === index || !implies(other, clause)) return false;
      return place < index || !implies(clause, other);
    });
  });
}

function implies(clause: Clause, other: Clause): boolean {
  return clause.every((literal) => other.some((wider) => literalImplies(literal, wider)));
}

function literalImplies(literal: Literal, other: Literal): boolean {
  if (literal.isExcluded !== other.isExcluded) return false;
  const [narrow, wide] = literal.isExcluded ? [other, literal] : [literal, other];
  if ('prefix' in narrow && 'prefix' in wide) return isWithin(narrow.prefix, wide.prefix);
  if (!('ports' in narrow && 'ports' in wide)) return false;
  return narrow.ports.first >= wide.ports.first && narrow.ports.last <= wide.ports.last;
}

function isWithin(narrow: Prefix, wide: Prefix): boolean {
  if (narrow.ipVersion !== wide.ipVersion || narrow.bits < wide.bits) return false;
  return narrow.address.every((byte, at) => {
    const ignored = Math.min(BYTE_BITS, Math.max(0, BYTE_BITS * (at + 1) - wide.bits));
    return byte >> ignored === (wide.address[at] ?? 0) >> ignored;
  });
}

/** Of addresses alone, or of ports alone. */
function includedBy(clause: Clause): Selection {
  const selection = selectionOf(clause);
  const { prefixes, portRanges } = selection;
  if (clause.some(({ isExcluded }) => isExcluded)) refuse();
  if (prefixes.length > 0 && portRanges.length > 0) refuse();
  return selection;
}

function selectionOf(literals: readonly Literal[]): Selection {
  return {
    prefixes: literals.flatMap((each) => ('prefix' in each ? [each.prefix] : [])),
    portRanges: literals.flatMap((each) => ('ports' in each ? [each.ports] : [])),
  };
}

function joined(selections: readonly (Selection | undefined)[]): Selection {
  return {
    prefixes: selections.flatMap((each) => each?.prefixes ?? []),
    portRanges: selections.flatMap((each) => each?.portRanges ?? []),
  };
}

export function refuse(): never {
  throw new UsageError(
    'unsupported filter: hosts and networks can be joined to ports and protocols by "and", and exclusions by "and not", as in: net 10.0.0.0/8 and (port 80 or 443) and not host 10.0.0.1',
  );
}
