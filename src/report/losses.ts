/** What pping has lost, in all and by the interface that was named. */
import type { LossRecord, SummaryRecord } from './records.js';
import type { LossFacts } from './run-facts.js';

type Name = string | undefined;

export class Losses {
  readonly #byInterface = new Map<Name, Lost>();

  loss({ interface: name, lostRtts, lostFlowEvents }: LossRecord): void {
    const lost = this.#of(name);
    lost.told = sumOf([lost.told, { rtts: lostRtts, flowEvents: lostFlowEvents, lines: 0 }]);
  }

  /** A summary counts since the start of its run, also what was in lines that were dropped. */
  summary({ interface: name, lost: counted, isFinal }: SummaryRecord): void {
    const lost = this.#of(name);
    lost.counted = counted;
    lost.toldAtSummary = lost.told;
    if (isFinal) this.endRun(name);
  }

  /** With its last summary; a file may have several runs. */
  endRun(name: Name): void {
    const lost = this.#of(name);
    lost.ended = sumOf([lost.ended, untoldOf(lost)]);
    lost.counted = NONE;
    lost.toldBefore = lost.toldAtSummary;
  }

  get total(): LossFacts {
    return allOf([...this.#byInterface.values()]);
  }

  /** What is not known to be of another interface. */
  at(name: Name): LossFacts {
    const own = new Set([this.#byInterface.get(undefined), this.#byInterface.get(name)]);
    return allOf([...own].filter((lost) => lost !== undefined));
  }

  #of(name: Name): Lost {
    const known = this.#byInterface.get(name);
    if (known) return known;
    const lost = {
      ...{ told: NONE, toldAtSummary: NONE, toldBefore: NONE },
      ended: NONE,
      counted: NONE,
    };
    this.#byInterface.set(name, lost);
    return lost;
  }
}

const NONE: LossFacts = { rtts: 0, flowEvents: 0, lines: 0 };

interface Lost {
  /** In lines of their own, of all runs. */
  told: LossFacts;
  /** Of these, until the last summary; and until the last one of the run before. */
  toldAtSummary: LossFacts;
  toldBefore: LossFacts;
  /** In summaries alone, of runs that have ended. */
  ended: LossFacts;
  /** By the last summary of the run that has not. */
  counted: LossFacts;
}

function allOf(all: readonly Lost[]): LossFacts {
  return sumOf(all.flatMap((lost) => [lost.told, lost.ended, untoldOf(lost)]));
}

/** What a summary has counted may be told in a line after it. */
function untoldOf({ counted, told, toldBefore }: Lost): LossFacts {
  return {
    rtts: Math.max(0, counted.rtts - (told.rtts - toldBefore.rtts)),
    flowEvents: Math.max(0, counted.flowEvents - (told.flowEvents - toldBefore.flowEvents)),
    lines: counted.lines,
  };
}

function sumOf(all: readonly LossFacts[]): LossFacts {
  const sum = (of: (lost: LossFacts) => number) => all.reduce((total, lost) => total + of(lost), 0);
  return {
    rtts: sum(({ rtts }) => rtts),
    flowEvents: sum(({ flowEvents }) => flowEvents),
    lines: sum(({ lines }) => lines),
  };
}
