/** What answered, in words of the summary. */
import type { PathKind } from '../summary/path-kind.js';
import type { SideTotals } from '../summary/run-totals.js';

export type KindTexts = Readonly<Record<PathKind, string>>;

const KIND_TEXTS: KindTexts = {
  all: 'all',
  kernel: 'ACKs and handshakes',
  data: 'answers with data',
};

/** The same in a word. */
const KIND_WORDS: KindTexts = { all: 'all', kernel: 'ACKs', data: 'data' };

/** Its acknowledgements are encrypted. */
const KINDS_OF_QUIC: KindTexts = { all: 'all', kernel: 'handshakes', data: 'spin bit' };

type Protocol = SideTotals['protocol'];

export function kindTexts(protocol: Protocol): KindTexts {
  return protocol === 'QUIC' ? KINDS_OF_QUIC : KIND_TEXTS;
}

/** To stand behind a row. */
export function kindWords(protocol: Protocol): KindTexts {
  return protocol === 'QUIC' ? KINDS_OF_QUIC : KIND_WORDS;
}

/** What is left out of the path's figures, and why; undefined where nothing is. */
export function leftOutText({ path: { kind }, protocol }: SideTotals): string | undefined {
  if (kind === 'all') return undefined;
  const texts = kindTexts(protocol);
  return kind === 'kernel'
    ? `${texts.data} left out: they waited for an application`
    : `${texts.kernel} left out: they were delayed`;
}
