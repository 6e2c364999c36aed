/** What was measured, when, and what it adds up to. */

import type { PairCounts, PathKind } from '../../summary/path-kind.js';
import { SIDES } from '../../summary/sides.js';
import {
  type LossFacts,
  type RecordedFacts,
  type SeenAt,
  SIDE_COUNT,
  type SideIndex,
} from '../run-facts.js';
import { element } from './dom.js';
import { kindText, merged, pathOf } from './path.js';
import { interfacesIn } from './place-text.js';
import type { Answered } from './selection.js';
import { statisticsOf } from './statistics.js';
import { countText, msText, quantity, spanText, timeText } from './text.js';

/** What a side adds up to. */
export interface Sums {
  readonly samples: number;
  readonly protocol: string;
  readonly answered: Answered;
  readonly pairs: PairCounts;
  readonly handshakes: number;
  readonly flows: number;
  readonly peers: number;
  readonly lost: LossFacts;
}

export function periodOf({ from, to }: Pick<RecordedFacts, 'from' | 'to'>): string {
  return `${timeText(from)} to ${timeText(to)} UTC, ${spanText(to - from)}`;
}

/** It is named where there is another. */
const ONLY_ONE = 'TCP';

/** Where the path lies that was measured, and by which protocol. */
export function sideText(
  index: SideIndex,
  places: readonly SeenAt[],
  protocols: readonly string[],
): string {
  const [name, ...others] = interfacesIn(places);
  const interfaceName = name === undefined || others.length > 0 ? 'the interface' : name;
  const texts = {
    beyond: `beyond ${interfaceName}`,
    behind: `behind ${interfaceName}`,
    unknown: 'side unknown',
  };
  const side = texts[SIDES[index % SIDE_COUNT] ?? 'unknown'];
  const protocol = protocolOf(index, protocols);
  return protocols.length < 2 && protocol === ONLY_ONE ? side : `${side}, ${protocol}`;
}

/** By which the RTTs of a side were measured. */
export function protocolOf(index: SideIndex, protocols: readonly string[]): string {
  return protocols[Math.floor(index / SIDE_COUNT)] ?? ONLY_ONE;
}

/** The figures of one side; the percentiles are of the RTTs that tell the path. */
export function cards(sums: Sums): HTMLElement[] {
  const { answered, lost } = sums;
  const { ack, handshake, data } = answered;
  const path = pathOf(merged(ack, handshake), data, sums.pairs);
  const { median, p90, p99, most } = statisticsOf(path.sorted);
  return [
    card('samples', 'Samples', countText(sums.samples), samplesDetail(sums)),
    card('flows', 'Flows', countText(sums.flows)),
    card('peers', 'Peers', countText(sums.peers)),
    card('p50', 'p50', msText(median), medianText(path.kind, sums.protocol)),
    card('p90', 'p90', msText(p90)),
    card('p99', 'p99', msText(p99)),
    card('max', 'Max', msText(most)),
    card('lost', 'RTTs lost', countText(lost.rtts), lostDetail(lost)),
  ];
}

/** What a reader should know before trusting the figures. */
export function remarksOn({ skippedLines, damage, remarks }: RecordedFacts): string[] {
  const skipped = `${quantity(skippedLines, 'line')} left out: not JSON, or not written by pping.`;
  return [
    ...damage.map((text) => `Not read to the end: ${text}`),
    ...(skippedLines > 0 ? [skipped] : []),
    ...remarks,
  ];
}

export function card(id: string, label: string, value: string, detail = ''): HTMLElement {
  const [number = '', ...rest] = value.split(/(?= )/);
  const unit = rest.join('');
  return element(
    'div',
    { class: 'card', 'data-figure': id },
    element('dt', {}, label),
    element('dd', { class: 'value' }, number, element('small', {}, unit)),
    element('dd', { class: 'detail' }, detail),
  );
}

function medianText(kind: PathKind, protocol: string): string {
  return kind === 'all' ? 'median' : `median of ${kindText(kind, protocol)}`;
}

function samplesDetail({ samples, answered, handshakes }: Sums): string {
  const rtts = Object.values(answered).reduce((sum, { length }) => sum + length, 0);
  const reported = samples === rtts ? [] : [`in ${quantity(rtts, 'RTT')}`];
  const opening = handshakes === 0 ? [] : [`${quantity(handshakes, 'handshake')}`];
  return [...reported, ...opening].join(', ');
}

function lostDetail({ flowEvents, lines }: LossFacts): string {
  const parts = [
    ...(flowEvents > 0 ? [quantity(flowEvents, 'flow event')] : []),
    ...(lines > 0 ? [quantity(lines, 'line')] : []),
  ];
  return parts.length === 0 ? '' : `and ${parts.join(', ')}`;
}
