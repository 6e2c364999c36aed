/** How RTTs are told apart in metrics, as a run has it. */
import type { KernelEvent } from '../../../src/events/types.js';
import { eventDivision } from '../../../src/metrics/divisions.js';
import { Prefixes } from '../../../src/metrics/prefix.js';
import { EventRtts, type RttTerms } from '../../../src/metrics/rtts.js';
import { type By, isByInterface, OTHERS } from '../../../src/metrics/series.js';

export const PREFIXES = new Prefixes({ bitsV4: 24, bitsV6: 48 });

/** @param names of the interfaces, by place */
export function whereOf(by: By, names: readonly string[]) {
  if (!isByInterface(by)) return undefined;
  return (place: number | undefined) => ({
    interface: place === undefined ? OTHERS : (names[place] ?? ''),
  });
}

export function termsOf(by: By, most: number, names: readonly string[]): RttTerms<KernelEvent> {
  const ownerOf = (event: KernelEvent) => `port ${event.srcPort}`;
  const division = eventDivision(by, { prefixes: PREFIXES, ownerOf });
  return { most, labelsOf: whereOf(by, names), division };
}

/** Of one interface. */
export function eventRtts(by: By = 'interface', most = 1_000): EventRtts {
  return new EventRtts(termsOf(by, most, ['eth0']));
}
