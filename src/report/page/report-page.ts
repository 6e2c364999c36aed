/** The page: one side of one run, and perhaps one peer of it. */
import { SIDES } from '../../summary/sides.js';
import type { RunFacts, SideIndex } from '../run-facts.js';
import { AnswerSection } from './answer-section.js';
import { DistributionSection } from './distribution-section.js';
import { choices, element } from './dom.js';
import { eventSection } from './event-section.js';
import { cards, periodOf, remarks, sideText, titleOf } from './header.js';
import type { LoadedRun } from './load.js';
import { PairsByPeer } from './path.js';
import { PeerSection } from './peer-section.js';
import { peerRows } from './peers.js';
import { wholeRange } from './range.js';
import { type Answered, answeredIn, countHandshakes, select } from './selection.js';
import { countText, quantity } from './text.js';
import { themeButton } from './theme.js';
import { TimeSection } from './time-section.js';

const NONE = new Float64Array(0);
const NOTHING: Answered = { ack: NONE, handshake: NONE, data: NONE };

export class ReportPage {
  readonly #run: LoadedRun;
  readonly #figures = element('dl', { class: 'cards' });
  readonly #time: TimeSection;
  readonly #answers = new AnswerSection();
  readonly #distribution = new DistributionSection();
  readonly #peers = new PeerSection((peer) => this.#choosePeer(peer));
  #side: SideIndex;
  /** Of the side. */
  #answered: Answered = NOTHING;
  #peer: number | undefined;

  constructor(root: HTMLElement, run: LoadedRun) {
    this.#run = run;
    const { facts, samples } = run;
    this.#side = mostMeasured(facts);
    this.#time = new TimeSection(
      { selection: select(samples, this.#side), peer: undefined },
      wholeRange(facts.from, facts.to),
      facts.marks,
      (sorted) => this.#distribution.show(sorted, this.#peerName() ?? 'all peers'),
      () => this.#choosePeer(undefined),
    );
    document.title = `${titleOf(facts)}, ${periodOf(facts)}`;
    root.replaceChildren(...this.#parts());
    this.#showSide(this.#side);
    this.#onResize(root);
  }

  #parts(): HTMLElement[] {
    const { facts } = this.#run;
    return [
      this.#header(),
      ...remarks(facts).map((text) => element('p', { class: 'remark', role: 'note' }, text)),
      this.#figures,
      this.#time.root,
      ...(facts.marks.length > 0 ? [eventSection(facts.marks)] : []),
      this.#distribution.root,
      this.#answers.root,
      this.#peers.root,
      footer(facts),
    ];
  }

  #header(): HTMLElement {
    const { facts } = this.#run;
    return element(
      'header',
      {},
      element(
        'div',
        {},
        element('h1', {}, titleOf(facts)),
        element('p', { class: 'period' }, periodOf(facts)),
      ),
      element(
        'div',
        { class: 'tools' },
        this.#sides(),
        themeButton(() => this.#paint()),
      ),
    );
  }

  /** Two sides are two different paths: they are never put together. */
  #sides(): HTMLElement {
    const { facts } = this.#run;
    const occurring = SIDES.map((_, index) => index as SideIndex).filter(
      (side) => facts.samples[side] > 0,
    );
    if (occurring.length === 1) {
      return element('span', { class: 'side' }, `Path ${sideText(this.#side, facts)}`);
    }
    const options = occurring.map((value) => ({
      value,
      label: `${sideText(value, facts)} (${countText(facts.samples[value])})`,
    }));
    const onChoose = (side: SideIndex) => this.#showSide(side);
    return choices('side', 'Path', options, this.#side, onChoose);
  }

  #showSide(side: SideIndex): void {
    const { facts, samples } = this.#run;
    this.#side = side;
    const rows = peerRows(facts.peers, samples, side);
    if (!rows.some(({ peer }) => peer === this.#peer)) this.#peer = undefined;
    this.#answered = answeredIn(samples, side);
    const sums = {
      samples: facts.samples[side],
      answered: this.#answered,
      pairs: new PairsByPeer(samples, side).sum,
      handshakes: countHandshakes(samples, side),
      flows: facts.flows[side],
      peers: rows.length,
    };
    this.#figures.replaceChildren(...cards(sums, facts));
    this.#peers.show(rows, this.#peer);
    this.#showPeer();
  }

  /** Chosen twice is all of them again. */
  #choosePeer(peer: number | undefined): void {
    this.#peer = peer === this.#peer ? undefined : peer;
    this.#peers.choose(this.#peer);
    this.#showPeer();
  }

  #showPeer(): void {
    const selection = select(this.#run.samples, this.#side, this.#peer);
    this.#time.show({ selection, peer: this.#peerName() });
    const answered =
      this.#peer === undefined
        ? this.#answered
        : answeredIn(this.#run.samples, this.#side, this.#peer);
    this.#answers.show(answered, this.#peerName() ?? 'all peers');
  }

  #peerName(): string | undefined {
    return this.#peer === undefined ? undefined : this.#run.facts.peers[this.#peer]?.address;
  }

  #paint(): void {
    this.#time.paint();
    this.#distribution.paint();
  }

  #onResize(root: HTMLElement): void {
    let width = root.clientWidth;
    new ResizeObserver(() => {
      if (root.clientWidth === width) return;
      width = root.clientWidth;
      this.#paint();
    }).observe(root);
  }
}

function mostMeasured({ samples }: RunFacts): SideIndex {
  return samples.indexOf(Math.max(...samples)) as SideIndex;
}

function footer({ sources, rtts }: RunFacts): HTMLElement {
  return element(
    'footer',
    {},
    `pping report of ${sources.join(', ')}: ${quantity(rtts, 'RTT')}. Percentiles are nearest-rank, of exact values; ` +
      'an RTT that stands for several samples counts once in them. Times are UTC.',
  );
}
