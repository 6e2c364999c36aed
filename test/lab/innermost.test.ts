/** Ends before NAT as the socket has them, where conntrack says something else, or nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { addresses, BRIDGE, serverPorts, UPLINK } from '../../lab/behind-bridge/places.js';
import { type BehindBridgeLab, createBehindBridgeLab } from '../../lab/behind-bridge.js';
import { Cleanup } from '../../lab/cleanup.js';
import type { Namespace } from '../../lab/netns.js';
import { PATIENCE } from '../../lab/until.js';
import { type Cli, type CliOptions, linesOf, useCli } from '../helpers/command/cli.js';
import { having, type Setting, settingOf } from '../helpers/lab/having.js';
import { type OriginalLine, originalEnd, wireEnd } from '../helpers/lab/innermost.js';
import { withoutConntrack } from '../helpers/lab/no-conntrack.js';
import { type Home, TellersProgram, type TellersServer } from '../helpers/lab/tellers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000 * PATIENCE);

const PORT = serverPorts.hidden;
const CALLS = 5;
const SIDES = ['src', 'dest'] as const;
const REVERSED = ['dest', 'src'] as const;
/** Of no machine: the container has the internet answer for it. */
const OTHER_SERVICE = '10.97.0.1';
const NO_CONNTRACK = 'the kernel offers no conntrack lookup to BPF programs';

const cleanup = new Cleanup();
let lab: BehindBridgeLab;
let program: TellersProgram;
let server: TellersServer;
let told = 0;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pping-test-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  lab = await createBehindBridgeLab();
  cleanup.add(() => lab.close());
  program = new TellersProgram(join(folder, 'tellers'));
  server = await program.serve(homeIn(lab.internet), PORT);
});

afterAll(() => cleanup.run());

const start = useCli();
const inFolder = useTemporaryFolder();

const watch = (args: readonly string[], options?: CliOptions): Promise<Cli> =>
  start(lab.host, [...args, '--rate', '0', '--format', 'ndjson'], options).watching();

/** By the one in the first container. @returns what each says of itself, and as whom it was seen */
async function connect(address: string) {
  const to = { address, port: PORT };
  await program.call(homeIn(lab.nested[0]), { to, count: CALLS, name: 'nested' });
  const before = told;
  told += CALLS;
  return (await server.accepted(told)).slice(before);
}

async function endOf(cli: Cli) {
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const objects = linesOf(stdout).map((line) => JSON.parse(line));
  const lines: OriginalLine[] = objects.filter(({ flow_id }) => flow_id !== undefined);
  return { lines, counters: objects.at(-1).counters, stderr };
}

/** Of all lines what they tell of the client, as it is on the wire and as it was, and of the other end. */
function toldIn(lines: readonly OriginalLine[]) {
  const texts = lines.map((line) => {
    const [client, other] = line.src_port === PORT ? REVERSED : SIDES;
    const [from, to] = [originalEnd(line, client), originalEnd(line, other)];
    return JSON.stringify({ wire: wireEnd(line, client), from, to });
  });
  return [...new Set(texts)].sort().map((text) => JSON.parse(text));
}

/** Both change both ends: nothing is left by which one could be told to be the other. */
test('that have no end in common with those of conntrack: none, and that is counted', async () => {
  const [container] = lab.containers;
  const cli = await watch(['-i', UPLINK, '-i', BRIDGE, '--who', '--nat']);
  const opened = await having([standingFor(container)], () => connect(OTHER_SERVICE));
  const { lines, counters, stderr } = await endOf(cli);
  const at = (name: string) => toldIn(lines.filter((line) => line.interface === name));

  const expected = opened.map(({ peer }) => ({ wire: peer, from: null, to: null }));
  expect(at(UPLINK)).toEqual(sorted(expected));
  expect(counters.originals_disputed).toBe(CALLS);
  expect(stderr).toMatch(`${CALLS} flows with disputed addresses before NAT`);
  // There conntrack has changed nothing, and so nothing to say.
  expect(at(BRIDGE).map(({ from, to }) => ({ from, to }))).toEqual(
    sorted(opened.map(({ from, to }) => ({ from, to }))),
  );
});

test('where the socket is not known by its packets: those of conntrack', async () => {
  const cli = await watch(['-i', UPLINK, '--who', '--nat']);
  const stampless = lab.nested.map((each) => settingOf(each, 'tcp_timestamps', [0, 1]));
  const opened = await having(stampless, () => connect(addresses.service.ipv4));
  const { lines, counters } = await endOf(cli);
  const told = toldIn(lines);
  expect(told.map(({ wire }) => wire)).toEqual(sorted(opened.map(({ peer }) => peer)));
  for (const { from, to } of told) {
    expect(from.address).toBe(addresses.containers[0].ipv4);
    expect(to).toEqual({ address: addresses.service.ipv4, port: PORT });
  }
  expect(counters.originals_disputed).toBe(0);
});

test('where conntrack cannot be asked: with --who those that sockets have, without it no run', async () => {
  const through = withoutConntrack(inFolder('types'));
  const alone = await start(lab.host, ['-i', UPLINK, '--nat'], { through }).ended;
  expect([alone.code, alone.stderr]).toEqual([
    1,
    expect.stringContaining(`--nat: ${NO_CONNTRACK}`),
  ]);

  const cli = await watch(['-i', UPLINK, '--who', '--nat'], { through });
  const opened = await connect(addresses.service.ipv4);
  const { lines, counters, stderr } = await endOf(cli);
  expect(toldIn(lines)).toEqual(
    sorted(opened.map(({ peer, from, to }) => ({ wire: peer, from, to }))),
  );
  expect(counters.originals_disputed).toBe(0);
  expect(stderr).toContain(
    `--nat covers only connections that sockets of this host open: ${NO_CONNTRACK}`,
  );
});

function homeIn(namespace: Namespace): Home {
  return { namespace, cgroup: { command: (argv) => [...argv] } };
}

/** It has the internet's server answer for OTHER_SERVICE, to those that are in it. */
function standingFor(container: Namespace): Setting {
  const rules = `
    table ip other {
      chain in {
        type nat hook prerouting priority dstnat
        ip daddr ${OTHER_SERVICE} dnat to ${addresses.internet.ipv4}
      }
    }
  `;
  return { namespace: container, begin: ['nft', rules], end: ['nft', 'delete table ip other'] };
}

function sorted<T>(all: readonly T[]): T[] {
  return all
    .map((each) => JSON.stringify(each))
    .sort()
    .map((text) => JSON.parse(text));
}
