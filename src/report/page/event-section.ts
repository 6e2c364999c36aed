/** The marks of the time axis as a list: for those who do not hover. */
import type { Mark } from '../run-facts.js';
import { element } from './dom.js';
import { quantity, timeText } from './text.js';

/** A day of losses has 86,400. */
const MOST = 500;

export function eventSection(marks: readonly Mark[]): HTMLElement {
  const items = marks
    .slice(0, MOST)
    .map(({ kind, time, text }) =>
      element('li', { class: kind }, element('time', {}, timeText(time)), ` ${text}`),
    );
  const left = marks.length - items.length;
  const rest =
    left > 0 ? [element('li', {}, `and ${quantity(left, 'more')}`.replace(/s$/, ''))] : [];
  return element(
    'details',
    { id: 'events' },
    element(
      'summary',
      {},
      `${quantity(marks.length, 'event')} (losses, governor, visibility, routes)`,
    ),
    element('ol', {}, ...items, ...rest),
  );
}
