/** The page: one direction of one run, and perhaps one peer of it. */
import { DIRECTIONS, type DirectionIndex, type RunFacts } from '../run.js';
import { DistributionSection } from './distribution-section.js';
import { choices, element } from './dom.js';
import { eventSection } from './event-section.js';
import { cards, directionText, periodOf, remarks, titleOf } from './header.js';
import type { Run } from './load.js';
import { PeerSection } from './peer-section.js';
import { peerRows } from './peers.js';
import { wholeRange } from './range.js';
import { countHandshakes, select } from './selection.js';
import { countText } from './text.js';
import { themeButton } from './theme.js';
import { TimeSection } from './time-section.js';

export class ReportPage {
  readonly #run: Run;
  readonly #figures = element('dl', { class: 'cards' });
  readonly #time: TimeSection;
  readonly #distribution = new DistributionSection();
  readonly #peers = new PeerSection((peer) => this.#choosePeer(peer));
  #direction: DirectionIndex;
  #peer: number | undefined;

  constructor(root: HTMLElement, run: Run) {
    this.#run = run;
    const { facts, samples } = run;
    this.#direction = mostMeasured(facts);
    this.#time = new TimeSection(
      { selection: select(samples, this.#direction), peer: undefined },
      wholeRange(facts.from, facts.to),
      facts.marks,
      (sorted) => this.#distribution.show(sorted, this.#peerName() ?? 'all peers'),
      () => this.#choosePeer(undefined),
    );
    document.title = `${titleOf(facts)}, ${periodOf(facts)}`;
    root.replaceChildren(...this.#parts());
    this.#showDirection(this.#direction);
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
        this.#directions(),
        themeButton(() => this.#paint()),
      ),
    );
  }

  /** Two directions are two different paths: they are never put together. */
  #directions(): HTMLElement {
    const { facts } = this.#run;
    const occurring = DIRECTIONS.map((_, index) => index as DirectionIndex).filter(
      (direction) => facts.samples[direction] > 0,
    );
    if (occurring.length === 1) {
      return element(
        'span',
        { class: 'direction' },
        `Path ${directionText(this.#direction, facts)}`,
      );
    }
    const options = occurring.map((value) => ({
      value,
      label: `${directionText(value, facts)} (${countText(facts.samples[value])})`,
    }));
    const onChoose = (direction: DirectionIndex) => this.#showDirection(direction);
    return choices('direction', 'Path', options, this.#direction, onChoose);
  }

  #showDirection(direction: DirectionIndex): void {
    const { facts, samples } = this.#run;
    this.#direction = direction;
    const rows = peerRows(facts.peers, samples, direction);
    if (!rows.some(({ peer }) => peer === this.#peer)) this.#peer = undefined;
    const sums = {
      samples: facts.samples[direction],
      rtts: select(samples, direction).rtts,
      handshakes: countHandshakes(samples, direction),
      flows: facts.flows[direction],
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
    const selection = select(this.#run.samples, this.#direction, this.#peer);
    this.#time.show({ selection, peer: this.#peerName() });
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

function mostMeasured({ samples }: RunFacts): DirectionIndex {
  return samples.indexOf(Math.max(...samples)) as DirectionIndex;
}

function footer({ sources, rtts }: RunFacts): HTMLElement {
  return element(
    'footer',
    {},
    `pping report of ${sources.join(', ')}: ${countText(rtts)} RTTs. Percentiles are nearest-rank, of exact values; ` +
      'an RTT that stands for several samples counts once in them. Times are UTC.',
  );
}
