// make bench-compare BASE=<git revision>: what has become faster or slower since then. Both are built,
// and run in turns; a difference counts when Wilcoxon's signed-rank test says so.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { repositoryRoot } from '../lab/places.js';
import { drainProgram, drainRuns } from './drains.js';
import { number, printTable } from './figures.js';
import { CONTESTS, costs, readerCosts, takeTurns } from './kernel.js';
import { pping, reference } from './monitors.js';
import { replayRuns } from './replay.js';
import { showSamePackets } from './same-packets.js';
import { median, ratioInterval } from './statistics.js';

const DEFAULT_ROUNDS = 11;
/** More than this, and significant, fails. */
const TOLERATED = 1.05;

/** One figure of both, round by round. The less the better. */
interface Pair {
  readonly name: string;
  readonly base: readonly number[];
  readonly head: readonly number[];
}

/** What can be measured alone. */
const PARTS: Record<string, (base: string) => Pair[] | Promise<Pair[]>> = {
  packets: samePacketsPairs,
  kernel: kernelPairs,
  replay: replayPairs,
  drain: drainPairs,
};

const command = new Command('bench-compare')
  .argument('<revision>')
  .option('--rounds <n>', 'of all figures; at least six', String(DEFAULT_ROUNDS))
  .addOption(new Option('--only <what>').choices(Object.keys(PARTS)))
  .parse();
const { only, ...options } = command.opts<{ rounds: string; only?: string }>();
const rounds = Number(options.rounds);
const [revision = ''] = command.args;

const folder = mkdtempSync(join(tmpdir(), 'pping-base-'));
try {
  build(revision, folder);
  process.exitCode = show(await measure(folder)) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** The revision's files and nothing else; what npm installs is the same where the lock file is. */
function build(of: string, root: string): void {
  const archive = execFileSync('git', ['-C', repositoryRoot, 'archive', of], {
    maxBuffer: 1 << 30,
  });
  execFileSync('tar', ['-x', '-C', root], { input: archive });
  const lock = (at: string) => readFileSync(join(at, 'package-lock.json'), 'utf8');
  if (lock(root) === lock(repositoryRoot)) {
    execFileSync('cp', ['-a', join(repositoryRoot, 'node_modules'), root]);
    execFileSync('touch', [join(root, 'node_modules/.pping-ready')]);
  }
  execFileSync('make', ['-C', root, 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function measure(base: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (only === undefined || only === name) pairs.push(...(await part(base)));
  }
  return pairs;
}

/** The programs alone. */
async function samePacketsPairs(base: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const { load } of CONTESTS) {
    const [before, after] = await showSamePackets(load, [base, repositoryRoot], rounds);
    for (const hook of ['egress', 'ingress'] as const) {
      pairs.push({
        name: `same packets, ${load}, ${hook}: ns`,
        base: before?.[hook] ?? [],
        head: after?.[hook] ?? [],
      });
    }
  }
  return pairs;
}

/** Under a load of real connections, with all that then goes on beside it. */
async function kernelPairs(base: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  const monitors = [reference('empty'), pping('base', base), pping('head')];
  for (const contest of CONTESTS) {
    const turns = await takeTurns(contest, monitors, rounds);
    for (const hook of ['egress', 'ingress'] as const) {
      const of = (name: string) => costs(turns, name, hook);
      pairs.push({
        name: `kernel, ${contest.load}, ${hook}: ns`,
        base: of('base'),
        head: of('head'),
      });
    }
    if (contest.load === 'requests') {
      const of = (name: string) => readerCosts(turns, name);
      pairs.push({ name: 'reader: us per event', base: of('base'), head: of('head') });
    }
  }
  return pairs;
}

function replayPairs(base: string): Pair[] {
  const [before = [], after = []] = replayRuns([base, repositoryRoot], rounds);
  const replaying = (runs: typeof before) => runs.map(({ ms, startMs }) => ms - startMs);
  const starting = (runs: typeof before) => runs.map(({ startMs }) => startMs);
  const memory = (runs: typeof before) => runs.map(({ peakMiB }) => peakMiB);
  return [
    { name: 'replay: ms', base: replaying(before), head: replaying(after) },
    { name: 'replay, starting: ms', base: starting(before), head: starting(after) },
    { name: 'replay, peak memory: MiB', base: memory(before), head: memory(after) },
  ];
}

/** Of revisions that have the same program. */
function drainPairs(base: string): Pair[] {
  if (!existsSync(drainProgram(base))) return [];
  const [before = [], after = []] = drainRuns([base, repositoryRoot], rounds);
  const cost = (runs: typeof before) => runs.map(({ nsPerEvent }) => nsPerEvent);
  return [{ name: 'drain: ns per event', base: cost(before), head: cost(after) }];
}

/** @returns false where something has become slower */
function show(pairs: readonly Pair[]): boolean {
  const verdicts = pairs.map(verdictOf);
  const rows = pairs.map(({ name, base, head }, at) => [
    name,
    number(median(base)),
    number(median(head)),
    ...(verdicts[at]?.texts ?? []),
  ]);
  const header = ['', 'base', 'head', 'change', '95 % interval', ''];
  printTable(`${revision} and what is built here, ${rounds} rounds`, header, rows);
  return verdicts.every(({ isWorse }) => !isWorse);
}

function verdictOf({ base, head }: Pair): { texts: string[]; isWorse: boolean } {
  const ratios = head.map((value, round) => value / (base[round] ?? Number.NaN));
  const { value, low, high } = ratioInterval(ratios);
  const isSignificant = low > 1 || high < 1;
  const percent = (ratio: number) => `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`;
  const verdict = isSignificant ? (value > 1 ? 'slower' : 'faster') : '~';
  const texts = [percent(value), `${percent(low)} to ${percent(high)}`, verdict];
  return { texts, isWorse: isSignificant && value > TOLERATED };
}
