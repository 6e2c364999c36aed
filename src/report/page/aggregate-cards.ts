/** What the aggregates of a side add up to. */
import { type Counted, percentileOf } from '../buckets.js';
import type { LossFacts } from '../run-facts.js';
import type { RowsOf } from './aggregate-rows.js';
import { card } from './header.js';
import { countText, msText, quantity } from './text.js';

export interface CardFacts {
  /** Of the side. */
  readonly rows: number;
  readonly what: RowsOf;
  readonly lost: LossFacts;
}

export function aggregateCards(sum: Counted, { rows, what, lost }: CardFacts): HTMLElement[] {
  const { samples, reported, overdue, most } = sum;
  const detail = samples === reported ? '' : `in ${quantity(reported, 'RTT')}`;
  const time = (rtt: number) => (reported > 0 ? msText(rtt) : '-');
  return [
    card('samples', 'Samples', countText(samples), detail),
    card('rows', `${what}s`, countText(rows)),
    card('p50', 'p50', time(percentileOf(sum, 50)), 'median'),
    card('p90', 'p90', time(percentileOf(sum, 90))),
    card('p99', 'p99', time(percentileOf(sum, 99))),
    card('max', 'Max', time(most)),
    card('overdue', 'Overdue', countText(overdue)),
    card('lost', 'Lines lost', countText(lost.lines)),
  ];
}
