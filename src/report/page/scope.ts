/** What of a run is shown: all of it, or what was seen at one place. */
import type {
  LossFacts,
  Mark,
  PerSide,
  PlaceFacts,
  RunFacts,
  Samples,
  SeenAt,
} from '../run-facts.js';
import { groupsOf } from './groups.js';
import { placeName } from './place-text.js';

/** All that the page has. */
export interface LoadedRun {
  readonly facts: RunFacts;
  /** Their times are in ms since the epoch. */
  readonly samples: Samples;
}

export interface Scope {
  /** An index; undefined: all places. */
  readonly place: number | undefined;
  readonly samples: Samples;
  /** Of each side, those that --report-interval held back included. */
  readonly counts: PerSide;
  readonly flows: PerSide;
  readonly marks: readonly Mark[];
  readonly lost: LossFacts;
}

export class Scopes {
  readonly #run: LoadedRun;
  /** Put apart when they are first asked for: most runs have but one place. */
  #samplesAt: ((place: number) => Samples) | undefined;

  constructor(run: LoadedRun) {
    this.#run = run;
  }

  get areSeveral(): boolean {
    return this.#run.facts.places.length > 1;
  }

  /** @param place an index; undefined for all */
  of(place: number | undefined): Scope {
    const { facts } = this.#run;
    const at = place === undefined ? facts : (facts.places[place] as PlaceFacts);
    const { samples: counts, flows, lost } = at;
    return {
      place,
      samples: this.samplesAt(place),
      marks: this.#marksAt(place),
      counts,
      flows,
      lost,
    };
  }

  samplesAt(place: number | undefined): Samples {
    if (place === undefined) return this.#run.samples;
    this.#samplesAt ??= byPlace(this.#run);
    return this.#samplesAt(place);
  }

  #marksAt(place: number | undefined): readonly Mark[] {
    const { marks, places } = this.#run.facts;
    if (place === undefined) return this.areSeveral ? marks.map(withPlace) : marks;
    return marks.filter(({ seenAt }) => !seenAt || mayBe(seenAt, places[place] as PlaceFacts));
  }
}

function byPlace({ facts, samples }: LoadedRun): (place: number) => Samples {
  const places = Uint32Array.from(facts.peers, ({ place }) => place);
  const placeOf = (index: number) => places[samples.peers[index] as number] as number;
  return groupsOf(samples, facts.places.length, placeOf);
}

function withPlace(mark: Mark): Mark {
  return mark.seenAt ? { ...mark, text: `${placeName(mark.seenAt)}: ${mark.text}` } : mark;
}

/** What a mark does not say of its place may be that of any. */
function mayBe({ interface: name, capture }: SeenAt, at: SeenAt): boolean {
  return (
    (name === undefined || name === at.interface) &&
    (capture === undefined || capture === at.capture)
  );
}
