/** What has come out of a trial. */
import { FLAG } from '../core/reading.js';
import { clearOnes } from './coverage.js';
import type { Pair } from './pair.js';
import type { Passage, Segment } from './segment.js';
import { tell } from './story.js';
import { firstAnswer, firstPassage, judge, VERDICTS, type Verdict } from './truth.js';
import { countHappenings, type Happening, noHappenings } from './variety.js';
import type { Seen } from './watch.js';
import type { World } from './world.js';

const KINDS = ['SYN', 'SYN-ACK', 'data', 'FIN'] as const;
type Kind = (typeof KINDS)[number];
const MOST_STORIES = 1;
/** What an observer cannot know better. */
/** What docs/measurement.md names as the exceptions. */
const ALLOWED: readonly Verdict[] = ['exact', 'ackLoss', 'ackLossThenSentAgain', 'beforeCapture'];

/** Ports that are used again with nearly the same sequence numbers: one in two million were seen. */
const ONE_IN = 500_000;

export class Counts {
  rtts = 0;
  packets = 0;
  /** RTTs of keep-alive probes, among the others. */
  keepAlives = 0;
  /** RTTs that were clear, and how many of them were there, by what was answered. */
  readonly clear = { SYN: 0, 'SYN-ACK': 0, data: 0, FIN: 0 };
  readonly found = { SYN: 0, 'SYN-ACK': 0, data: 0, FIN: 0 };
  /** What happened, and how often. */
  readonly variety: Record<Happening, number> = noHappenings();
  readonly verdicts = byVerdict(() => 0);
  /** Of each verdict the first few. */
  readonly #stories = byVerdict((): string[] => []);
  /** Of each kind the first that was not found. */
  readonly #missed: Partial<Record<Kind, string>> = {};
  readonly #wrongKeepAlives: string[] = [];
  /** Its seed. */
  #world = 0;

  constructor(readonly seed: number) {}

  /** Judges all that was seen in a world that is over. */
  take(world: World, seed: number, seen: readonly Seen[]): void {
    const first = world.pairs[0]?.number ?? 0;
    this.#world = seed;
    const measured = new Set<string>();
    for (const each of seen) {
      const pair = world.pairs[each.pair - first];
      if (!pair) throw new Error(`seed ${seed}: an RTT of no pair: ${JSON.stringify(each)}`);
      const judged = judge(pair.log, each.sender, each.seen, each.rtt);
      this.rtts++;
      this.verdicts[judged.verdict]++;
      if (each.keepAlive) this.#countKeepAlive(judged.verdict, () => tell(pair, judged, each));
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
    return (100 * sum(this.found)) / sum(this.clear);
  }

  get wrong(): number {
    const of = (verdict: Verdict) => (ALLOWED.includes(verdict) ? 0 : this.verdicts[verdict]);
    return VERDICTS.reduce((sum, verdict) => sum + of(verdict), 0);
  }

  /** What is wrong of keep-alives; of these none may be. */
  get wrongKeepAlives(): readonly string[] {
    return this.#wrongKeepAlives;
  }

  /** In a line. */
  get text(): string {
    const { seed, rtts, packets, keepAlives, clear, verdicts } = this;
    const kinds = KINDS.map((kind) => `${kind} ${this.found[kind]} of ${clear[kind]}`);
    const coverage = `${this.coverage.toFixed(1)} % of the clear ones (${kinds.join(', ')})`;
    // Of those without timestamps it is not known which are clear.
    const found = sum(clear) > 0 ? `, ${coverage}` : '';
    return `seed ${seed}: ${rtts} RTTs (${keepAlives} of keep-alives) of ${packets} packets${found}; ${JSON.stringify(verdicts)}`;
  }

  storiesOf(verdict: Verdict): string {
    return this.#stories[verdict].join('\n\n');
  }

  /** Throws, with what happened, where more RTTs were wrong than what docs/measurement.md has as exceptions. */
  check(oneIn = ONE_IN): void {
    if (this.wrong <= this.rtts / oneIn) return;
    const wrong = VERDICTS.filter((verdict) => !ALLOWED.includes(verdict));
    const stories = wrong.map((verdict) => this.storiesOf(verdict)).filter((told) => told !== '');
    const again = 'PPING_TEST_SEED=<seed of a story> PPING_TEST_RTTS=1 shows it again';
    throw new Error([this.text, again, ...stories].join('\n\n'));
  }

  /** Throws, with what was passed over, where less was measured, in per cent; of each kind it may be 10 less. */
  checkCoverage(least: number): void {
    const isShort = KINDS.some((kind) => (100 * this.found[kind]) / this.clear[kind] < least - 10);
    if (this.coverage >= least && !isShort) return;
    throw new Error(
      [this.text, `less than ${least} %`, ...Object.values(this.#missed)].join('\n\n'),
    );
  }

  #countKeepAlive(verdict: Verdict, story: () => string): void {
    this.keepAlives++;
    if (!ALLOWED.includes(verdict)) this.#wrongKeepAlives.push(`seed ${this.#world}: ${story()}`);
  }

  #countClear(pair: Pair, asked: Passage, isFound: boolean): void {
    const kind = kindOf(asked.segment);
    const first = firstAnswer(pair.log, asked);
    this.clear[kind]++;
    if (isFound) this.found[kind]++;
    else this.#missed[kind] ??= this.#tellMissed(pair, asked, firstPassage(first, asked.place));
    if (first?.tsecr !== asked.segment.tsval) this.variety['echo older than the data']++;
  }

  #tellMissed(pair: Pair, data: Passage, answer: Passage | undefined): string {
    const rtt = (answer?.seen ?? 0) - data.seen;
    const seen = { seen: data.seen + rtt, rtt, sender: data.segment.from };
    return `seed ${this.#world}: ${tell(pair, { verdict: 'not measured', data, ...(answer && { answer }) }, seen)}`;
  }

  #cover(world: World, measured: ReadonlySet<string>): void {
    for (const pair of world.pairs) {
      const { number, log } = pair;
      log.places.forEach((_, place) => {
        for (const sender of [0, 1] as const) {
          for (const each of clearOnes(log, place, sender)) {
            const isFound = measured.has(keyOf(number, sender, each.seen));
            this.#countClear(pair, each, isFound);
          }
        }
      });
      countHappenings(log, this.variety);
    }
  }
}

function kindOf({ flags, payload }: Segment): Kind {
  if (flags & FLAG.syn) return flags & FLAG.ack ? 'SYN-ACK' : 'SYN';
  return payload > 0 ? 'data' : 'FIN';
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
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
