/** How often pping has had something to say of itself, by what it was. */
import type { Notice } from '../format/formatter.js';
import type { Labels } from './series.js';

/** A consumer of a run's notices. */
export class NoticeCounts {
  readonly governorSteps = new Counts(
    ['flows', 'timestamps'].flatMap((map) => ['up', 'down'].map((step) => ({ map, step }))),
  );
  readonly interfaceChanges = new Counts(
    ['attached', 'detached', 'refused', 'renamed'].map((change) => ({ change })),
  );
  readonly visibilityChanges = new Counts(
    ['moved', 'preceded', 'hidden'].map((change) => ({ change })),
  );
  routeChanges = 0;

  /** @returns false: none is among any data because of this */
  notice(notice: Notice): boolean {
    if (notice.type === 'governor') {
      this.governorSteps.add({ map: notice.map, step: notice.step });
    } else if (notice.type === 'interface') {
      this.interfaceChanges.add({ change: notice.change.change });
    } else if (notice.type === 'visibility') {
      this.visibilityChanges.add({ change: notice.sighting.change });
    } else if (notice.type === 'route') this.routeChanges++;
    return false;
  }
}

/** Of few label sets. */
export class Counts {
  readonly #counts: Map<string, readonly [Labels, number]>;

  /** @param known told from the start, as 0: Prometheus sees a rise only from a value that it has seen */
  constructor(known: readonly Labels[]) {
    this.#counts = new Map(known.map((labels) => [JSON.stringify(labels), [labels, 0]]));
  }

  add(labels: Labels): void {
    const key = JSON.stringify(labels);
    const [, count] = this.#counts.get(key) ?? [labels, 0];
    this.#counts.set(key, [labels, count + 1]);
  }

  all(): (readonly [Labels, number])[] {
    return [...this.#counts.values()];
  }
}
