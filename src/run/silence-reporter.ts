/** Why there are no RTTs, for people: while a run goes on, and as of its end. */
import { isAnyWanted } from '../attribution/wanted-owners.js';
import type { Counters } from '../core/counters.js';
import { occupancyAfter } from '../core/sweep.js';
import { absenceText } from '../format/interfaces.js';
import { silenceText } from '../format/silence.js';
import { inFrontText } from '../format/visibility.js';
import { interfaceNames } from '../interface-names.js';
import { meansSeveral } from '../live/namespace-plan.js';
import type { LiveSource } from '../live/source.js';
import type { LiveOptions } from '../options/options.js';
import { hasSelection } from '../sampling/filter.js';
import { type Look, SilenceWatch } from '../summary/silence.js';
import type { Totals } from '../summary/totals.js';
import type { Sweeper } from './sweeper.js';

const LONGEST_RECENT = 5_000_000_000n;

export interface SilenceReporterParts {
  readonly options: LiveOptions;
  readonly source: LiveSource;
  readonly sweeper: Pick<Sweeper, 'swept'>;
  readonly totals: Totals;
  /** For people; never among the data. */
  readonly notify: (text: string) => void;
}

export class SilenceReporter {
  readonly #parts: SilenceReporterParts;
  readonly #watch: SilenceWatch;

  constructor(parts: SilenceReporterParts) {
    this.#parts = parts;
    this.#watch = new SilenceWatch(parts.source.counters(), performance.now());
  }

  /** Once a second: says so where there has been none for a while. */
  explain(counters: Counters): void {
    const silence = this.#watch.look(this.#look(counters), performance.now());
    if (!silence) return;
    const { notify, source } = this.#parts;
    const text = silenceText(silence, 'for 5 s', this.absence());
    notify(text + inFrontText(source.predecessors()));
  }

  /** What there is to say of interfaces where none is watched. */
  absence(): string | undefined {
    const { source, options } = this.#parts;
    if (source.interfaceNames.length > 0) return undefined;
    return absenceText(options.interfaces, meansSeveral(options.netns) ? [] : interfaceNames());
  }

  /**
   * Why there was no RTT at all, as of a run that was over before that could be told.
   * @param absence as it was before pping has left the interfaces
   */
  lookBack(absence: string | undefined): string | undefined {
    const { source, totals } = this.#parts;
    const look = { ...this.#look(source.counters()), opened: totals.flows };
    const silence = this.#watch.lookBack(look);
    return silence && silenceText(silence, 'in this run', absence);
  }

  #look(counters: Counters): Look {
    const { options, sweeper } = this.#parts;
    const { swept } = sweeper;
    // What was swept long ago says nothing of the flows that there are now.
    const isRecent = options.cleanupInterval <= LONGEST_RECENT;
    const flows = isRecent ? occupancyAfter(swept).flows : 0;
    const { tunnels, measured, filter, wantedOwners } = options;
    const { areProtocolsTold: others, protocols: asked } = measured;
    const { flowsWaiting } = swept;
    const isByProtocolAlone = !hasSelection(filter) && !isAnyWanted(wantedOwners);
    const seen = { counters, source: 'live', tunnels, others, asked, isByProtocolAlone } as const;
    return { ...seen, flows, flowsWaiting };
  }
}
