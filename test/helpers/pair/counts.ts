/** What has come out of a trial. */
import { clearOnes } from './coverage.js';
import { tell } from './story.js';
import { judge, VERDICTS, type Verdict } from './truth.js';
import type { Seen } from './watch.js';
import type { World } from './world.js';

const MOST_STORIES = 1;
/** Documented: no pping can know it. */
const ALLOWED: readonly Verdict[] = ['exact', 'ackLoss', 'ackLossThenSentAgain'];

export class Counts {
  rtts = 0;
  packets = 0;
  /** RTTs that were clear, and how many of them were there. */
  clear = 0;
  found = 0;
  readonly verdicts = byVerdict(() => 0);
  /** Of each verdict the first few. */
  readonly #stories = byVerdict((): string[] => []);

  constructor(readonly seed: number) {}

  /** Judges all that was seen in a world that is over. */
  take(world: World, seed: number, seen: readonly Seen[]): void {
    const first = world.pairs[0]?.number ?? 0;
    const measured = new Set<string>();
    for (const each of seen) {
      const pair = world.pairs[each.pair - first];
      if (!pair) throw new Error(`seed ${seed}: an RTT of no pair: ${JSON.stringify(each)}`);
      const judged = judge(pair.log, each.sender, each.seen, each.rtt);
      this.rtts++;
      this.verdicts[judged.verdict]++;
      measured.add(keyOf(each.pair, each.sender, each.seen - each.rtt));
      const stories = this.#stories[judged.verdict];
      if (stories.length < MOST_STORIES) {
        stories.push(`seed ${seed}, clock of ${world.resolution} ns: ${tell(pair, judged, each)}`);
      }
    }
    this.#cover(world, measured);
  }

  /** Of all that were clear, in per cent. */
  get coverage(): number {
    return (100 * this.found) / this.clear;
  }

  get wrong(): number {
    const of = (verdict: Verdict) => (ALLOWED.includes(verdict) ? 0 : this.verdicts[verdict]);
    return VERDICTS.reduce((sum, verdict) => sum + of(verdict), 0);
  }

  /** In a line. */
  get text(): string {
    const { seed, rtts, packets, clear, verdicts } = this;
    const coverage = `${this.coverage.toFixed(1)} % of ${clear} clear ones`;
    return `seed ${seed}: ${rtts} RTTs of ${packets} packets, ${coverage}; ${JSON.stringify(verdicts)}`;
  }

  storiesOf(verdict: Verdict): string {
    return this.#stories[verdict].join('\n\n');
  }

  /** Throws, with what happened, where an RTT was wrong. */
  check(): void {
    if (this.wrong === 0) return;
    const wrong = VERDICTS.filter((verdict) => !ALLOWED.includes(verdict));
    const stories = wrong.map((verdict) => this.storiesOf(verdict)).filter((told) => told !== '');
    const again = 'PPING_TEST_SEED=<seed of a story> PPING_TEST_RTTS=1 shows it again';
    throw new Error([this.text, again, ...stories].join('\n\n'));
  }

  #cover(world: World, measured: ReadonlySet<string>): void {
    for (const { number, log } of world.pairs) {
      for (const sender of [0, 1] as const) {
        const clear = clearOnes(log, sender);
        this.clear += clear.length;
        this.found += clear.filter(({ seen }) => measured.has(keyOf(number, sender, seen))).length;
      }
    }
  }
}

function keyOf(pair: number, sender: number, time: number): string {
  return `${pair} ${sender} ${time}`;
}

function byVerdict<Value>(value: () => Value): Record<Verdict, Value> {
  return Object.fromEntries(VERDICTS.map((verdict) => [verdict, value()])) as Record<
    Verdict,
    Value
  >;
}
