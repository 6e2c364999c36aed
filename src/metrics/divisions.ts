/** What RTTs are told apart by, besides side and interface: how a label's value is found. */
import type { AggregateKey, AggregateOwner } from '../events/aggregate.js';
import type { KernelEvent } from '../events/types.js';
import type { Prefixes } from './prefix.js';
import { type By, type Division, OTHERS } from './series.js';

export interface EventTerms {
  readonly prefixes: Prefixes;
  /** Whose the connection is, as people read it. */
  readonly ownerOf: (event: KernelEvent) => string;
}

/** Of what is told event by event. */
export function eventDivision(by: By, terms: EventTerms): Division<KernelEvent> | undefined {
  const { prefixes, ownerOf } = terms;
  if (by === 'prefix') {
    return {
      label: 'prefix',
      keyOf: (event) => prefixes.keyOf(hostOf(event)),
      textOf: (event) => prefixes.textOf(hostOf(event)),
    };
  }
  return by === 'owner' ? { label: 'owner', keyOf: ownerOf, textOf: ownerOf } : undefined;
}

export interface CountedTerms {
  readonly prefixes: Prefixes;
  /** Whose the connections are, likewise. */
  readonly ownerOf: (owner: AggregateOwner) => string;
}

/** What the core has counted: RTTs, or response times of DNS. */
export interface OfAggregate {
  readonly aggregate: Pick<AggregateKey, 'network' | 'owner'>;
}

/** By what --aggregate-by says. */
export function countedDivision(by: By, terms: CountedTerms): Division<OfAggregate> | undefined {
  const { prefixes, ownerOf } = terms;
  if (by === 'prefix') {
    return {
      label: 'prefix',
      keyOf: ({ aggregate: { network } }) => network && prefixes.keyOf(network),
      textOf: ({ aggregate: { network } }) => (network ? prefixes.textOf(network) : OTHERS),
    };
  }
  // The core also tells users apart: of several in one cgroup there is one text.
  return by === 'owner'
    ? {
        label: 'owner',
        keyOf: ({ aggregate: { owner } }) => owner && ownerOf(owner),
        textOf: ({ aggregate: { owner } }) => (owner ? ownerOf(owner) : OTHERS),
      }
    : undefined;
}

/** The one that has answered, or should have. The address is a copy, each time it is read. */
function hostOf({ ipVersion, srcAddress: address }: KernelEvent) {
  return { ipVersion, address };
}
