/** RTTs by what has answered them, where kernels and applications have. */
import { areBothThere } from '../../summary/path-kind.js';
import { element } from './dom.js';
import { QUIC } from './path.js';
import type { Answered } from './selection.js';
import { statisticsOf } from './statistics.js';
import { countText, msNumber } from './text.js';

const HEADS = ['Answered by', 'RTTs', 'Min', 'p50', 'p90', 'p99', 'Max'];

const NOTE =
  'Data may have waited for an application. A bare ACK may have been delayed (up to 40 ms on Linux). Handshakes are answered at once.';
const NOTE_OF_QUIC =
  'The spin bit changes with the next packet that each end sends, which may have waited for an application.';

export class AnswerSection {
  readonly root = element('section', { id: 'answers' });

  /** @param protocol that all of them were measured by */
  show(answered: Answered, of: string, protocol: string): void {
    const { ack, handshake, data } = answered;
    const kernel = ack.length + handshake.length;
    this.root.hidden = !areBothThere({ kernel, data: data.length });
    const isQuic = protocol === QUIC;
    const rows = [
      rowOf('bare ACKs', ack),
      rowOf('handshakes', handshake),
      rowOf(isQuic ? 'spin bit' : 'segments with data', data),
    ];
    const heads = HEADS.map((head) => element('th', { scope: 'col' }, head));
    this.root.replaceChildren(
      element('h2', {}, `RTTs by answer, ${of}`),
      element('p', { class: 'note' }, `RTTs in ms. ${isQuic ? NOTE_OF_QUIC : NOTE}`),
      element(
        'div',
        { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'RTTs by answer' },
        element(
          'table',
          { id: 'answers-table' },
          element('thead', {}, element('tr', {}, ...heads)),
          element('tbody', {}, ...rows.flat()),
        ),
      ),
    );
  }
}

/** None of none. */
function rowOf(what: string, sorted: Float64Array): HTMLElement[] {
  if (sorted.length === 0) return [];
  const { count, least, median, p90, p99, most } = statisticsOf(sorted);
  const cells = [countText(count), ...[least, median, p90, p99, most].map(msNumber)];
  return [element('tr', {}, ...[what, ...cells].map((text) => element('td', {}, text)))];
}
