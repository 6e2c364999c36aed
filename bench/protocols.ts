// What a packet costs of each protocol, all of them measured; and one of TCP where it is measured alone. The very same
// packets, made by hand, of 1,000 flows in turns, every one of which asks or is answered.
import { execFileSync } from 'node:child_process';
import { enableAccounting } from '../src/libbpf/info.js';
import { NO_FILTER } from '../src/sampling/filter.js';
import { printTable } from './figures.js';
import type { HookName } from './programs.js';
import { FLOWS, KINDS, SPINNING } from './protocol-packets.js';
import { Shown } from './shown.js';
import { median } from './statistics.js';

const ROUNDS = 5;
const TURNS = 8;
/** Not counted: maps and caches fill. */
const WARM_UP_TURNS = 5;
/** Not counted either: whether a spin bit is one has to be proven. */
const PROOF_TURNS = 60;
const HOOKS = ['egress', 'ingress'] as const;
const ALONE = 'TCP data, --protocol tcp';

/** Of one process, by kind: ns a packet. */
type Round = Record<string, Record<HookName, number>>;

if (process.argv[2] === undefined) compare();
else process.stdout.write(JSON.stringify(await measure()));

/** Each round in a process and a network namespace of its own: where maps come to lie makes some per cent. */
function compare(): void {
  const rounds = Array.from({ length: ROUNDS }, roundOf);
  const rows = [ALONE, ...Object.keys(KINDS)].map((kind) => [
    kind,
    ...HOOKS.map((hook) => spread(rounds.map((round) => round[kind]?.[hook] ?? Number.NaN))),
  ]);
  const title = `--protocol all: ns a packet, every identifier, ${FLOWS} flows, ${ROUNDS} rounds`;
  printTable(title, ['', ...HOOKS], rows);
}

function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `${median(values).toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)})`;
}

function roundOf(): Round {
  const argv = ['--net', process.execPath, process.argv[1] ?? '', 'round'];
  return JSON.parse(execFileSync('unshare', argv, { encoding: 'utf8' })) as Round;
}

async function measure(): Promise<Round> {
  enableAccounting(); // until the process ends
  const loopback = [1];
  const all = await Shown.load(0n, loopback, false, { ...NO_FILTER, protocols: ['all'] });
  const alone = await Shown.load(0n, loopback, false);
  for (let turn = 0; turn < PROOF_TURNS; turn++) showTurn(all, SPINNING, turn);
  const costs = new Map<string, Record<HookName, number>[]>();
  for (let turn = 0; turn < WARM_UP_TURNS + TURNS; turn++) {
    const shown = [
      ...Object.keys(KINDS).map((kind) => [kind, kind, all] as const),
      [ALONE, 'TCP data', alone] as const,
    ];
    // Who is first changes: neither has the other's caches.
    for (const [name, kind, by] of turn % 2 === 0 ? shown : shown.toReversed()) {
      const cost = showTurn(by, kind, turn);
      if (turn >= WARM_UP_TURNS) costs.set(name, [...(costs.get(name) ?? []), cost]);
    }
  }
  return Object.fromEntries(Array.from(costs, ([name, each]) => [name, medians(each)]));
}

function showTurn(by: Shown, kind: string, turn: number): Record<HookName, number> {
  by.begin();
  for (let flow = 0; flow < FLOWS; flow++) {
    const exchange = KINDS[kind]?.(flow, turn);
    if (exchange) for (const hook of HOOKS) by.showOf(flow)(hook, exchange[hook]);
  }
  return by.end();
}

function medians(costs: readonly Record<HookName, number>[]): Record<HookName, number> {
  const of = (hook: HookName) => median(costs.map((cost) => cost[hook]));
  return { egress: of('egress'), ingress: of('ingress') };
}
