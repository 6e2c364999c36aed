/** The page: one side of one run, and perhaps one place and one peer of it. */
import type { RunFacts, SideIndex } from '../run-facts.js';
import { AnswerSection } from './answer-section.js';
import { DistributionSection } from './distribution-section.js';
import { element } from './dom.js';
import { eventSection } from './event-section.js';
import { HeadSection } from './head-section.js';
import { cards, protocolOf, remarksOn } from './header.js';
import { onWidth } from './on-width.js';
import { PairsByPeer } from './path.js';
import { PeerSection } from './peer-section.js';
import { countPeers, peerRows } from './peers.js';
import { placeRows } from './place-rows.js';
import { PlaceSection } from './place-section.js';
import { atPlace, atPlaces } from './place-text.js';
import { wholeRange } from './range.js';
import { resolverSection } from './resolver-section.js';
import { SampleSeries } from './sample-series.js';
import { type LoadedRun, type Scope, Scopes } from './scope.js';
import { type Answered, answeredIn, countHandshakes, select } from './selection.js';
import { quantity } from './text.js';
import { themeButton } from './theme.js';
import { TimeSection, type TimeView } from './time-section.js';

const NONE = new Float64Array(0);
const NOTE = 'Line: median; band: min to max of each column; dashed: min RTT of a selected peer.';
const NOTHING: Answered = { ack: NONE, handshake: NONE, data: NONE };

export class ReportPage {
  readonly #run: LoadedRun;
  readonly #scopes: Scopes;
  readonly #head: HeadSection;
  readonly #places: PlaceSection;
  readonly #figures = element('dl', { class: 'cards' });
  readonly #time: TimeSection;
  readonly #events = element('div');
  readonly #answers = new AnswerSection();
  readonly #distribution = new DistributionSection();
  readonly #peers: PeerSection;
  #scope: Scope;
  #side: SideIndex;
  /** Of the side. */
  #answered: Answered = NOTHING;
  #peer: number | undefined;

  constructor(root: HTMLElement, run: LoadedRun) {
    this.#run = run;
    const { facts } = run;
    this.#scopes = new Scopes(run);
    this.#scope = this.#scopes.of(undefined);
    this.#side = mostMeasured(this.#scope);
    const theme = themeButton(() => this.#paint());
    this.#head = new HeadSection(facts, (side) => this.#chooseSide(side), theme);
    this.#places = new PlaceSection(facts.places, (place) => this.#choosePlace(place));
    this.#peers = new PeerSection(facts.places, (peer) => this.#choosePeer(peer));
    this.#time = new TimeSection(this.#timeView(), {
      whole: wholeRange(facts.from, facts.to),
      note: NOTE,
      allText: 'All peers',
      onAll: () => this.#choosePeer(undefined),
      onView: (rtts) => this.#distribution.show(rtts, this.#ofWhat()),
    });
    root.replaceChildren(...this.#parts());
    this.#chooseSide(this.#side);
    this.#showScope();
    onWidth(root, () => this.#paint());
  }

  #parts(): HTMLElement[] {
    const { facts } = this.#run;
    return [
      this.#head.root,
      ...remarksOn(facts).map((text) => element('p', { class: 'remark', role: 'note' }, text)),
      ...(this.#scopes.areSeveral ? [this.#places.root] : []),
      this.#figures,
      this.#time.root,
      this.#events,
      this.#distribution.root,
      this.#answers.root,
      this.#peers.root,
      ...(facts.resolvers.length > 0 ? [resolverSection(facts.resolvers)] : []),
      footer(facts),
    ];
  }

  /** Chosen twice is all of them again. The peer stays, as it is seen there. */
  #choosePlace(place: number | undefined): void {
    this.#scope = this.#scopes.of(place === this.#scope.place ? undefined : place);
    if (this.#peer !== undefined) this.#peer = this.#sameThere(this.#peer);
    const isSideThere = (this.#scope.counts[this.#side] ?? 0) > 0;
    if (isSideThere) this.#showSide();
    else this.#chooseSide(mostMeasured(this.#scope));
    this.#showScope();
  }

  #sameThere(peer: number): number | undefined {
    const { peers } = this.#run.facts;
    const { place } = this.#scope;
    if (place === undefined || peers[peer]?.place === place) return peer;
    const found = peers.findIndex(
      (each) => each.place === place && each.address === peers[peer]?.address,
    );
    return found < 0 ? undefined : found;
  }

  #showScope(): void {
    const { marks } = this.#scope;
    this.#head.show(this.#scope, this.#side);
    this.#places.choose(this.#scope.place);
    this.#events.replaceChildren(...(marks.length > 0 ? [eventSection(marks)] : []));
  }

  #chooseSide(side: SideIndex): void {
    this.#side = side;
    if (this.#scopes.areSeveral) {
      this.#places.show(
        placeRows(this.#run.facts, this.#scopes, side),
        this.#scope.place,
        this.#protocol,
      );
    }
    this.#showSide();
  }

  #showSide(): void {
    const { facts } = this.#run;
    const { samples, counts, flows, lost } = this.#scope;
    const side = this.#side;
    const rows = peerRows(facts.peers, samples, side);
    if (!rows.some(({ peer }) => peer === this.#peer)) this.#peer = undefined;
    this.#answered = answeredIn(samples, side);
    const sums = {
      samples: counts[side] ?? 0,
      protocol: this.#protocol,
      answered: this.#answered,
      pairs: new PairsByPeer(samples, side).sum,
      handshakes: countHandshakes(samples, side),
      flows: flows[side] ?? 0,
      peers: countPeers(rows),
      lost,
    };
    this.#figures.replaceChildren(...cards(sums));
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
    this.#time.show(this.#timeView());
    const answered =
      this.#peer === undefined
        ? this.#answered
        : answeredIn(this.#scope.samples, this.#side, this.#peer);
    this.#answers.show(answered, this.#ofWhat(), this.#protocol);
  }

  #timeView(): TimeView {
    const { samples, marks } = this.#scope;
    const series = new SampleSeries(select(samples, this.#side, this.#peer));
    return { series, of: this.#ofWhat(), isOfOne: this.#peer !== undefined, marks };
  }

  get #protocol(): string {
    return protocolOf(this.#side, this.#run.facts.protocols);
  }

  #ofWhat(): string {
    const { peers, places } = this.#run.facts;
    const peer = this.#peer === undefined ? undefined : peers[this.#peer];
    const who = peer?.address ?? 'all peers';
    if (!this.#scopes.areSeveral) return who;
    const at = places[peer?.place ?? this.#scope.place ?? -1];
    return `${who} ${at ? atPlace(at) : atPlaces(places)}`;
  }

  #paint(): void {
    this.#time.paint();
    this.#distribution.paint();
  }
}

function mostMeasured({ counts }: Scope): SideIndex {
  return counts.indexOf(Math.max(...counts));
}

function footer({ sources, rtts }: RunFacts): HTMLElement {
  return element(
    'footer',
    {},
    `pping report of ${sources.join(', ')}: ${quantity(rtts, 'RTT')}. Percentiles are exact (nearest rank); ` +
      'an RTT that represents several samples counts once. Times are UTC.',
  );
}
