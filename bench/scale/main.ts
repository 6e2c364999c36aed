// make bench-scale: what pping costs as flows become many, as a table in Markdown and a picture. Nothing else should
// run meanwhile.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { repositoryRoot } from '../../lab/places.js';
import { tell } from '../kernel.js';
import { median } from '../statistics.js';
import { drawPicture } from './picture.js';
import type { Cost } from './turn.js';

const SIZES = [10, 100, 1_000, 10_000, 50_000, 200_000];
const DEFAULT_ROUNDS = '3';
const PICTURE = 'docs/scale.svg';
const COLUMNS: readonly (readonly [heading: string, field: keyof Cost, digits: number])[] = [
  ['kernel, egress, ns', 'egressNs', 0],
  ['ingress, ns', 'ingressNs', 0],
  ['reader, us per event', 'readerUs', 1],
  ['resident, MiB', 'residentMiB', 0],
  ['BPF maps, MiB', 'mapMiB', 1],
];

const command = new Command('bench-scale')
  .option('--rounds <n>', 'of all sizes', DEFAULT_ROUNDS)
  .option('--picture <file>', 'where the picture goes', join(repositoryRoot, PICTURE))
  .parse();
const options = command.opts<{ rounds: string; picture: string }>();
const costs = measure(Number(options.rounds));
process.stdout.write(tableOf(costs));
writeFileSync(
  options.picture,
  drawPicture(SIZES, (field) => medians(costs, field)),
);
process.stdout.write(`\n${lossesIn(costs)}\n`);

/** @returns of each size its costs, round by round */
function measure(rounds: number): Cost[][] {
  const all = SIZES.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, flows] of SIZES.entries()) {
      tell(`round ${round + 1} of ${rounds}, ${flows} flows`);
      all[at]?.push(costOf(flows));
    }
  }
  tell('');
  return all;
}

/** In a process and a network namespace of its own. */
function costOf(flows: number): Cost {
  const script = join(repositoryRoot, 'dist/bench/scale/turn.js');
  const argv = ['--net', process.execPath, script, String(flows)];
  return JSON.parse(execFileSync('unshare', argv, { encoding: 'utf8' })) as Cost;
}

function medians(all: readonly (readonly Cost[])[], field: keyof Cost): number[] {
  return all.map((of) => median(of.map((cost) => cost[field])));
}

/** Medians, and from the least to the most where there is more than one round. */
function tableOf(all: readonly (readonly Cost[])[]): string {
  const rows = SIZES.map((flows, at) => [
    flows.toLocaleString('en'),
    ...COLUMNS.map(([, field, digits]) =>
      cell(
        (all[at] ?? []).map((cost) => cost[field]),
        digits,
      ),
    ),
  ]);
  const header = ['flows', ...COLUMNS.map(([heading]) => heading)];
  const lines = [header, header.map(() => '---'), ...rows];
  return lines.map((line) => `| ${line.join(' | ')} |\n`).join('');
}

/** The reader was behind where there are any: then each event wakes it, and ingress is dearer by that. */
function lossesIn(all: readonly (readonly Cost[])[]): string {
  const lost = SIZES.flatMap((flows, at) => {
    const sum = (all[at] ?? []).reduce((total, cost) => total + cost.lost, 0);
    return sum > 0 ? [`${sum} with ${flows.toLocaleString('en')} flows`] : [];
  });
  return lost.length === 0 ? 'no event or line lost' : `events and lines lost: ${lost.join(', ')}`;
}

function cell(values: readonly number[], digits: number): string {
  const text = (value: number) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  if (values.length === 1) return text(values[0] ?? Number.NaN);
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}
