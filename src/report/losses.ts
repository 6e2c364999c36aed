/** What pping has lost, in all and by the interface that was named. */
import type { LossRecord, SummaryRecord } from './records.js';
import type { LossFacts } from './run-facts.js';

type Name = string | undefined;

export class Losses {
  readonly #byInterface = new Map<Name, Lost>();

  loss({ interface: name, lostRtts, lostFlowEvents }: LossRecord): void {
    const lost = this.#of(name);
    lost.rtts += lostRtts;
    lost.flowEvents += lostFlowEvents;
  }

  /** A summary counts since the start of its run, and a file may have several runs. */
  summary({ interface: name, droppedLines, isFinal }: SummaryRecord): void {
    const lost = this.#of(name);
    lost.runningLines = isFinal ? 0 : droppedLines;
    if (isFinal) lost.endedLines += droppedLines;
  }

  get total(): LossFacts {
    return sumOf([...this.#byInterface.values()]);
  }

  /** What is not known to be of another interface. */
  at(name: Name): LossFacts {
    const own = new Set([this.#byInterface.get(undefined), this.#byInterface.get(name)]);
    return sumOf([...own].filter((lost) => lost !== undefined));
  }

  #of(name: Name): Lost {
    const known = this.#byInterface.get(name);
    if (known) return known;
    const lost = { rtts: 0, flowEvents: 0, endedLines: 0, runningLines: 0 };
    this.#byInterface.set(name, lost);
    return lost;
  }
}

interface Lost {
  rtts: number;
  flowEvents: number;
  /** Of runs that have ended. */
  endedLines: number;
  runningLines: number;
}

function sumOf(all: readonly Lost[]): LossFacts {
  const sum = (of: (lost: Lost) => number) => all.reduce((total, lost) => total + of(lost), 0);
  return {
    rtts: sum(({ rtts }) => rtts),
    flowEvents: sum(({ flowEvents }) => flowEvents),
    lines: sum(({ endedLines, runningLines }) => endedLines + runningLines),
  };
}
