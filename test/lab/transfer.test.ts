/** Others' traffic, filters and queues are as they were, however often pping comes and goes. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { foreignTc, ppingFilters, programsOf } from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { newRandom } from '../../lab/random.js';
import { startTransfer } from '../../lab/transfer/start.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { expectCleanEnd } from '../helpers/command/clean-end.js';
import { type Cli, useCli } from '../helpers/command/cli.js';
import { attachForeign, compileForeign, packetsSeenBy } from '../helpers/kernel/foreign.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(300_000);

const BYTES = 1_000_000_000;
const RUNS = 20;
const METHODS = ['tcx', 'clsact'] as const;
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;

const startCli = useCli();
const inFolder = useTemporaryFolder();
let pair: Endpoints;

beforeEach(async () => {
  pair = await createVethPair({ ipv6: false });
});

afterEach(() => pair?.close());

test(`a transfer of 1 GB lives through ${RUNS} runs, and so does what others have attached`, async () => {
  const { seed } = newRandom();
  console.info(`the content is of seed ${seed}`);
  const programs = await attachOthers();
  const before = await foreignTc(pair.client, pair.interfaceName);
  // Before anything moves: the programs are not asked all at once.
  const counted = [countsOf(programs)];
  const transfer = await startTransfer(pair, serverAddresses.ipv4, { bytes: BYTES, seed });
  const running: { cli: Cli; ending: (typeof ENDINGS)[number] }[] = [];

  for (let run = 0; run < RUNS; run++) {
    transfer.allow(BYTES / (RUNS + 1));
    await bytesMove();
    const cli = startRun(METHODS[run % 2]);
    running.push({ cli, ending: ENDINGS[run % 3] ?? 'SIGINT' });
    await bytesMove();
    await cli.watching();
    // Both ends of a run are in the middle of the traffic. Every fourth goes on beside the next one.
    await bytesMove();
    await isMeasured(cli);
    for (const each of run % 4 === 2 ? [] : running.splice(0)) await end(each);
    await bytesMove();
    counted.push(countsOf(programs));
  }

  const { sent, received } = await transfer.finish();
  expect(sent.bytes).toBe(BYTES);
  expect(received).toEqual(sent);
  expect(await foreignTc(pair.client, pair.interfaceName)).toBe(before);
  expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual({ egress: [], ingress: [] });
  for (const [at, counts] of counted.slice(1).entries()) {
    const grown = counts.map((count, each) => count > (counted[at]?.[each] ?? 0));
    expect([at, counts, grown]).toEqual([at, counts, counts.map(() => true)]);
  }
  await until(() => isPassedOn(programs, counted[0] ?? []), 'all packets to be passed on');
  const [, queued] = /class htb 7:1 [\s\S]*? Sent (\d+) bytes/.exec(await classes()) ?? [];
  expect(Number(queued)).toBeGreaterThan(BYTES);
});

function startRun(method = 'tcx'): Cli {
  return startCli(pair.client, ['-i', pair.interfaceName, '--rate', '1ms', '--attach', method]);
}

/** Resolves once an RTT is printed: the first line may be that a flow has opened. */
async function isMeasured(cli: Cli): Promise<void> {
  await until(() => cli.hasPrinted(' ms  '), 'an RTT');
}

async function end({ cli, ending }: { cli: Cli; ending: NodeJS.Signals }): Promise<void> {
  const ended = await cli.end(ending);
  if (ending === 'SIGKILL') expect(ended.signal).toBe(ending);
  else expectCleanEnd(ended);
}

/**
 * Of each kind that tc makes here, and TCX.
 * @returns the ids of the BPF programs: before and behind pping's filters on egress, the same on
 *   ingress, and the one that is before all of them at both
 */
async function attachOthers(): Promise<number[]> {
  const tc = (...args: string[]) => pair.client.run(['tc', ...args]);
  const dev = ['dev', pair.interfaceName];
  const nobody = ['u32', 'match', 'ip', 'dst', '203.0.113.9'];
  const all = ['u32', 'match', 'u32', '0', '0'];
  const object = inFolder('foreign.o');
  const program = compileForeign(object);
  await tc('qdisc', 'add', ...dev, 'root', 'handle', '7:', 'htb');
  await tc('class', 'add', ...dev, 'parent', '7:', 'classid', '7:1', 'htb', 'rate', '20gbit');
  await tc('qdisc', 'add', ...dev, 'parent', '7:1', 'handle', '71:', 'pfifo', 'limit', '777');
  await tc('filter', 'add', ...dev, 'parent', '7:', 'protocol', 'all', ...all, 'flowid', '7:1');
  await tc('qdisc', 'add', ...dev, 'clsact');
  for (const hook of ['egress', 'ingress']) {
    await tc('filter', 'add', ...dev, hook, 'pref', '7', 'protocol', 'ip', ...nobody);
    await tc('filter', 'add', ...dev, hook, 'pref', '8', ...program);
    await tc('filter', 'add', ...dev, hook, 'pref', '60000', ...program);
  }
  const holder = await attachForeign(pair.client, object, pair.interfaceName);
  const shown = await foreignTc(pair.client, pair.interfaceName);
  const ids = Array.from(shown.matchAll(/ id (\d+) name foreign /g), ([, id]) => Number(id));
  expect(ids).toHaveLength(4);
  return [...ids, ...programsOf(holder.pid ?? 0)];
}

/** Whether whoever is behind pping has seen as much as who is before it. */
function isPassedOn(programs: readonly number[], before: readonly number[]): boolean {
  const counts = countsOf(programs).map((count, each) => count - (before[each] ?? 0));
  const [egressFirst = 0, egressLast = 0, ingressFirst = 0, ingressLast = 0, both] = counts;
  return (
    egressFirst === egressLast &&
    ingressFirst === ingressLast &&
    egressFirst + ingressFirst === both
  );
}

function classes(): Promise<string> {
  return pair.client.run(['tc', '-s', 'class', 'show', 'dev', pair.interfaceName]);
}

/** What others' programs have seen, and what has left the interface. */
function countsOf(programs: readonly number[]): number[] {
  return [...programs.map(packetsSeenBy), bytesSent()];
}

/** Resolves once more has left the interface. */
async function bytesMove(): Promise<void> {
  const before = bytesSent();
  await until(() => bytesSent() > before, 'bytes to move');
}

/** /proc/net/dev of the namespace: after the name, the 9th number. */
function bytesSent(): number {
  const devices = readFileSync(`/proc/${pair.client.pid}/net/dev`, 'utf8');
  const [, numbers = ''] = devices.split(`${pair.interfaceName}:`);
  return Number(numbers.trim().split(/\s+/)[8]);
}
