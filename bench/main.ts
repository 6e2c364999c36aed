// make bench: all figures, as tables and, where asked for, as JSON. Nothing else should run meanwhile.
import { Command } from 'commander';
import { repositoryRoot } from '../lab/places.js';
import { drainGroup } from './drains.js';
import { type Group, isWithin, printGroup, writeJson } from './figures.js';
import {
  CONTESTS,
  kernelGroup,
  ownersGroup,
  ratioGroup,
  readerGroup,
  takeTurns,
} from './kernel.js';
import { type Monitor, pping, reference } from './monitors.js';
import { replayGroup } from './replay.js';
import { longRunGroup, restGroup } from './rest.js';

const OURS = 'pping';
const WITH_OWNERS = 'pping --who';
const PEER = 'peer';
/** Of kernel and reader figures; six are the least that supports an interval. */
const DEFAULT_ROUNDS = 11;

const command = new Command('bench')
  .option(
    '--peer <command>',
    'only kernel and reader, in turns with this; {interface}, {rate} in ms',
  )
  .option('--rounds <n>', 'of kernel and reader', String(DEFAULT_ROUNDS))
  .option('--json <file>', 'the figures and all their values')
  .parse();
const options = command.opts<{ peer?: string; rounds: string; json?: string }>();
const groups: Group[] = [];
const remarks: string[] = [];

await contests(Number(options.rounds));
if (options.peer === undefined) {
  show(drainGroup(repositoryRoot, 7));
  show(replayGroup(repositoryRoot, 9));
  show(await restGroup());
  show(await longRunGroup());
}
if (options.json !== undefined) writeJson(options.json, groups, remarks);
const missed = groups.flatMap(({ figures }) => figures).filter((figure) => !isWithin(figure));
const failed = missed.filter(({ bound }) => bound?.isGate);
for (const [title, figures] of [
  ['targets not met', missed.filter((figure) => !failed.includes(figure))],
  ['gates not met', failed],
] as const) {
  const names = figures.map(({ name }) => name).join('; ');
  if (figures.length > 0) process.stdout.write(`\n${title}: ${names}\n`);
}
process.exitCode = failed.length > 0 ? 1 : 0;

async function contests(rounds: number): Promise<void> {
  const peer: Monitor[] = options.peer === undefined ? [] : [{ name: PEER, command: options.peer }];
  const ours = [pping(OURS), pping(WITH_OWNERS, repositoryRoot, '--who')];
  const monitors = [reference('empty'), reference('lookup'), ...ours, ...peer];
  for (const contest of CONTESTS) {
    const turns = await takeTurns(contest, monitors, rounds);
    show(kernelGroup(contest, turns));
    if (contest.load === 'requests') show(readerGroup(contest, turns));
    show(ownersGroup(contest, turns, WITH_OWNERS, OURS));
    if (peer.length > 0) show(ratioGroup(contest, turns, OURS, PEER));
    for (const { name } of [...peer, pping(OURS)]) {
      const last = turns.get(name)?.at(-1)?.remarks.trim().split('\n').at(-1);
      if (last) remark(`${name}, last words of the last turn: ${last}`);
    }
  }
}

function show(group: Group): void {
  groups.push(group);
  printGroup(group);
}

function remark(text: string): void {
  remarks.push(text);
  process.stdout.write(`  ${text}\n`);
}
