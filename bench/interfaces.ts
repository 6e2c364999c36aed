// What it costs that there are several interfaces: the very same packets, all of one or spread over ten.
import { execFileSync } from 'node:child_process';
import { enableAccounting } from '../src/libbpf/info.js';
import { CONTENTS, exchange, shake } from './exchanges.js';
import { printTable } from './figures.js';
import type { LoadName } from './loads.js';
import type { HookName } from './programs.js';
import { Shown } from './shown.js';
import { median, ratioInterval } from './statistics.js';

const ROUNDS = 15;
const INTERFACES = 10;
const TURNS = 20;
/** Not counted: maps and caches fill. */
const WARM_UP_TURNS = 5;
const LOADS: readonly LoadName[] = ['bulk', 'requests'];
const HOOKS = ['egress', 'ingress'] as const;

/** Of one process: ns a packet, of one interface and of ten. */
type Round = Record<'one' | 'ten', Record<HookName, number>>;

const [load] = process.argv.slice(2) as LoadName[];
if (load === undefined) compare();
else process.stdout.write(JSON.stringify(await measure(load)));

/** Each round in a process and a network namespace of its own: where maps come to lie makes some per cent. */
function compare(): void {
  const rows: string[][] = [];
  for (const each of LOADS) {
    const rounds = Array.from({ length: ROUNDS }, () => roundOf(each));
    for (const hook of HOOKS) {
      const of = (which: keyof Round) => rounds.map((round) => round[which][hook]);
      const ratios = rounds.map(({ one, ten }) => ten[hook] / one[hook]);
      const { value, low, high } = ratioInterval(ratios);
      rows.push([
        `${each}, ${hook}`,
        ...[of('one'), of('ten')].map((values) => median(values).toFixed(0)),
        percent(value),
        `${percent(low)} to ${percent(high)}`,
      ]);
    }
  }
  const header = ['', 'one interface', `${INTERFACES} interfaces`, 'change', '95 % interval'];
  printTable(`Several interfaces: ns a packet, ${ROUNDS} rounds`, header, rows);
}

function roundOf(each: LoadName): Round {
  const script = process.argv[1] ?? '';
  const argv = ['--net', process.execPath, script, each];
  return JSON.parse(execFileSync('unshare', argv, { encoding: 'utf8' })) as Round;
}

function percent(ratio: number): string {
  return `${ratio >= 1 ? '+' : ''}${(100 * (ratio - 1)).toFixed(1)} %`;
}

async function measure(of: LoadName): Promise<Round> {
  const indices = Array.from({ length: INTERFACES }, (_, at) => makeInterface(`bench${at}`));
  enableAccounting(); // until the process ends
  const rate = BigInt(CONTENTS[of].rateMs) * 1_000_000n;
  const one = await Shown.load(rate, indices.slice(0, 1), false);
  const ten = await Shown.load(rate, indices, true);
  const both = [one, ten];
  for (const each of both) shake(of, each.showOf);
  for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn++) {
    // Who is first changes: neither has the other's caches.
    for (const each of turn % 2 === 0 ? both : both.toReversed()) {
      each.begin();
      exchange(of, turn, each.showOf);
      if (turn >= WARM_UP_TURNS) each.end();
    }
  }
  return { one: one.cost(), ten: ten.cost() };
}

function makeInterface(name: string): number {
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}p`);
  ip('link', 'set', name, 'up');
  return Number.parseInt(ip('-o', 'link', 'show', name), 10);
}
