/**
 * Every command of docs/recipes.md is run, as it is written there: by bash, over real traffic. That is
 * why it is here, among what needs root, and not in test/docs.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { programsOf } from '../../lab/attached.js';
import { Cleanup } from '../../lab/cleanup.js';
import {
  type ContainersLab,
  containerAddresses,
  containerLinks,
  createContainersLab,
} from '../../lab/containers.js';
import { interfaceName, serverAddresses } from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { pping, repositoryRoot } from '../../lab/places.js';
import { type RunningClient, type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createUplinksLab, uplinkAddresses, uplinks } from '../../lab/uplinks.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { useTmux } from '../helpers/command/tmux.js';
import { readRecipes, shapeOf } from '../helpers/documents/recipes.js';
import { Steps } from '../helpers/documents/steps.js';
import { rttLine } from '../helpers/events/runs.js';
import { useCgroups } from '../helpers/kernel/cgroup.js';
import { dig, NAMES, requireDns, startResolver } from '../helpers/lab/dns.js';
import { makeStranger } from '../helpers/lab/stranger.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** What the lab does not have, or not the time for. Nothing else of the document is changed. */
const SUBSTITUTIONS: readonly (readonly [written: string, here: string])[] = [
  ['sudo ', ''],
  ['eth0', 'pp0'],
  ['-s 60', '-s 3'],
  ['-s 30', '-s 2'],
  ['-c 20000', '-c 500'],
  ['/var/log/pping/', './'],
];

const RECIPES = readRecipes(readFileSync(join(repositoryRoot, 'docs/recipes.md'), 'utf8'));
const CLIENTS = ['10.77.0.1', 'fd77::1'];
const DELAY_US = 5_000;
const SLOW_US = 40_000;
/** Less than the kernel waits for before it acknowledges a request without an answer. */
const THINK_MS = 15;
const PODS = [
  {
    name: 'cart-5f6d8',
    uid: '5f6d8000-1111-4000-8000-00000000cafe',
    container: containerId('ca'),
  },
  {
    name: 'checkout-7d4b9c',
    uid: '7d4b9c00-2222-4000-8000-00000000beef',
    container: containerId('c4ec'),
  },
] as const;
const MOUNT = 'mount --bind "$0/var/log" /var/log && exec "$@"';
const QUEUE = ['rate', '20mbit', 'burst', '32kb', 'latency', '400ms'];

jest.setTimeout(240_000);

const makeCgroup = useCgroups();
const tree = useHostTree();

/** How each recipe is followed, by its heading: what happens meanwhile, and what has to come of it. */
const FOLLOWED: Readonly<Record<string, (steps: Steps, lab: Lab) => Promise<void>>> = {
  async 'Which clients see bufferbloat?'(steps, { path, service, after }) {
    after.add(() => removeQueue(path));
    await addQueue(path);
    // Each download begins with an empty queue, so that the least is known whenever pping begins.
    const bulk = ['--mode', 'short', '--reply', '4000000', '--interval', '0'];
    const download = startClient(path, service.ipv6, bulk);
    after.add(() => download.stop().then(() => {}));
    const { stderr } = await steps.next();
    expect(stderr).toMatch(
      /^ {2}fd77::1( +[\d.]+){6} +(-|[\d.]+%)\n {2}10\.77\.0\.1( +[\d.]+){6} +(-|[\d.]+%)$/m,
    );
    const hosts = jsonLines((await steps.next()).stdout);
    expect(hosts.map(({ host }) => host)).toEqual(['fd77::1', '10.77.0.1']);
    expect(hosts[0]?.queueing_ms).toBeGreaterThan(20);
    expect(hosts[1]?.queueing_ms).toBeLessThan(20);
    for (const { min_ms } of hosts) expect(min_ms).toBeGreaterThan((2 * DELAY_US) / 1e3);
  },

  async 'Did the change help?'(steps, { path }) {
    await steps.next();
    await path.setDelay(3 * DELAY_US);
    await steps.next();
    const [heading, ...rows] = tableOf((await steps.next()).stdout);
    expect(heading).toEqual(['host', 'run', 'RTTs', 'p50', 'p90', 'p99']);
    expect(rows.map(([host]) => host)).toEqual(CLIENTS.flatMap((host) => [host, host]));
    for (const [, run, count, ...percentiles] of rows) {
      expect(Number(count)).toBeGreaterThan(20);
      const [p50 = 0, p90 = 0, p99 = 0] = percentiles.map(Number);
      if (run === 'before.ndjson') expect(p50).toBeLessThan(30);
      else expect(p50).toBeGreaterThan(30);
      expect(p50).toBeGreaterThan(10);
      expect(p90).toBeGreaterThanOrEqual(p50);
      expect(p99).toBeGreaterThanOrEqual(p90);
    }
  },

  async 'How slow is one host or service?'(steps) {
    const rtts = linesOf((await steps.next()).stdout).filter((line) => line.includes(' ms '));
    expect(rtts.length).toBeGreaterThan(10);
    const wanted = /( +\d+\.\d{3} ms){2} {2}TCP 10\.77\.0\.2:443 > 10\.77\.0\.1:\d+$/;
    expect(rtts.filter((line) => !wanted.test(line))).toEqual([]);
    await steps.nextOnScreen();
  },

  async 'Percentiles every 2 seconds'(steps) {
    const [heading, ...rows] = columnsOf((await steps.next()).stdout);
    expect(heading?.slice(0, 4)).toEqual(['time', 'side', 'samples', 'p50_ms']);
    expect(rows.length).toBeGreaterThan(1);
    for (const [, side, samples, ...rtts] of rows) {
      expect(side).toBe('beyond');
      expect(Number(samples)).toBeGreaterThan(0);
      expect(Number(rtts[0])).toBeGreaterThan((2 * DELAY_US) / 1e3);
    }
    const byPeer = columnsOf((await steps.next()).stdout).slice(1, 4);
    const [all, ...peers] = byPeer.map(([, , samples, ...rest]) => [rest.at(-1), Number(samples)]);
    expect(peers.map(([peer]) => peer).sort()).toEqual(CLIENTS);
    expect(all).toEqual(['all', peers.reduce((sum, [, samples]) => sum + Number(samples), 0)]);
    const series = tableOf((await steps.next()).stdout).map((row) => row.map(Number));
    expect(series.length).toBeGreaterThan(1);
    for (const [time, samples, p99 = 0] of series) {
      expect(Math.abs(Date.now() / 1e3 - (time ?? 0))).toBeLessThan(60);
      expect(samples).toBeGreaterThan(0);
      expect(p99).toBeGreaterThan((2 * DELAY_US) / 1e3);
    }
  },

  async 'Save the evidence when it gets slow'(steps, { path, file }) {
    const waiting = steps.start();
    await until(() => hasPrograms(file('pping.pid')), 'pping to watch', 60_000);
    const { aToB } = await path.stats();
    await until(async () => (await path.stats()).aToB.frames > aToB.frames + 200, 'traffic');
    expect(existsSync(file('slow.txt'))).toBe(false);
    await path.setDelay(SLOW_US);
    const { code, stderr } = await steps.ended(waiting);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^ended: p90 was \d+\.\d+ ms over \d+ RTTs in the last 10s$/m);
    expect(readFileSync(file('slow.txt'), 'utf8')).toMatch(/ rtt:[\d.]+\//);
    expect(statSync(file('slow.pcap')).size).toBeGreaterThan(500 * 66);
  },

  async 'Latency check for a script'(steps, { path }) {
    await path.setDelay(SLOW_US);
    const slow = /^[\d: -]+ to [\d: -]+\n\d+ samples? of \d+ flows?\nbeyond /;
    expect(await steps.next(10)).toMatchObject({ stdout: expect.stringMatching(slow) });
    await path.setDelay(DELAY_US);
    expect(await steps.againWhenCalm()).toMatchObject({ stdout: expect.stringMatching(slow) });
    await path.setDelay(SLOW_US);
    expect((await steps.next(1)).stdout).toBe('false\n');
    await path.setDelay(DELAY_US);
    expect((await steps.againWhenCalm()).stdout).toBe('true\n');
  },

  async 'How do I query it with SQL?'(steps, { file }) {
    const minute = (at: number, peer: string, rtts: readonly number[]) =>
      rtts.map((ms) => rttLine({ atMs: at * 60_000, rtt: ms * 1e6, peer })).join('');
    const quick = minute(0, 'fd77::1', [12, 12.5, 13]) + minute(1, '10.77.0.1', [12.25]);
    writeFileSync(file('run.ndjson'), quick + minute(1, 'fd77::1', [12, 14, 421.5]));
    expect((await steps.next()).stdout).toBe(
      `host,minute,rtts,p50,p99
fd77::1,2026-11-20 00:01:00,3,14.0,421.5
fd77::1,2026-11-20 00:00:00,3,12.5,13.0
10.77.0.1,2026-11-20 00:01:00,1,12.25,12.25
`,
    );
  },

  async 'Is it the network, or this server?'(steps) {
    await steps.next();
    const rows = tableOf((await steps.next()).stdout);
    expect(rows.map(([side]) => side)).toEqual(['network', 'server']);
    const [network = [], server = []] = rows.map((row) => row.slice(1).map(Number));
    expect(network).toHaveLength(3);
    expect(network[0]).toBeGreaterThan((2 * DELAY_US) / 1e3);
    expect(server[0]).toBeLessThan((2 * DELAY_US) / 1e3);
    expect(server[0]).toBeGreaterThan(0);
  },

  async 'Which uplink is slow?'(steps, { after }) {
    const lab = await createUplinksLab(DELAY_US);
    after.add(() => lab.close());
    steps.goTo(lab.router);
    for (const [at, { ipv4 }] of uplinkAddresses.servers.entries()) {
      const server = lab.servers[at] as Namespace;
      const service = await startServer({ server }, ipv4, 443);
      startClient(lab, service, ['--connections', '4', '--interval', '100']);
      startClient(lab, service, ['--mode', 'short', '--interval', '200']);
      // As downloads above: each begins with an empty queue.
      const bulk = ['--mode', 'short', '--request', '3000000', '--interval', '0'];
      if (at === 1) startClient(lab, service, bulk);
    }
    const medians = mediansBeyond((await steps.next()).stderr);
    const [quick = Number.NaN, slow] = uplinks.map((name) => medians.get(name));
    expect(quick).toBeGreaterThan((2 * DELAY_US) / 1e3);
    expect(slow).toBeGreaterThan(quick + 10);
    const carried = jsonLines((await steps.next()).stdout);
    expect(carried.map((each) => each.interface)).toEqual([...uplinks]);
    expect(carried[1]?.bytes).toBeGreaterThan(Number(carried[0]?.bytes));
  },

  async 'Which container is slow?'(steps, { after, file }) {
    const lab = await createContainersLab(DELAY_US);
    after.add(() => lab.close());
    steps.goTo(lab.host);
    await startContainer(lab, 0);
    const watching = await steps.start().said('watching veth3fa1c0f (');
    const second = await startContainer(lab, 1, ['--think', `${THINK_MS}`, '--requests', '20']);
    await second.summary;
    process.kill(pidIn(file('pping.pid')), 'SIGINT');
    const { stderr } = await steps.ended(watching);
    expect(stderr).toMatch(
      /^watching veth3fa1c0f \(\w+\), .*\n(.*\n)?now also watching vethb7e09d2$/m,
    );
    const [heading, ...rows] = tableOf((await steps.next()).stdout);
    expect(heading).toEqual(['link', 'container', 'RTTs', 'p50', 'p99']);
    expect(rows.map(([link]) => link)).toEqual([...containerLinks]);
    expect(rows.map(([, address]) => address)).toEqual(containerAddresses.map(({ ipv4 }) => ipv4));
    const [quick = Number.NaN, slow] = rows.map(([, , , median]) => Number(median));
    expect(quick).toBeLessThan(THINK_MS);
    expect(slow).toBeGreaterThan(THINK_MS);
  },

  async 'Which pod is slow?'(steps, { after, file }) {
    const lab = await createContainersLab(DELAY_US);
    after.add(() => lab.close());
    await makeStranger(lab.client, interfaceName, file('stranger.o'));
    for (const { name, container } of PODS) {
      tree.link(`/var/log/containers/${name}_shop_app-${container}.log`, '/nowhere/0.log');
    }
    const spawn: Namespace['spawn'] = (argv, rest) =>
      lab.host.spawn(['unshare', '--mount', 'sh', '-c', MOUNT, tree.at(''), ...argv], rest);
    steps.goTo({ ...lab.host, spawn });
    // All that takes time is there before: the run is short.
    const services = [await startPod(lab, 0, PODS[0]), await startPod(lab, 1, PODS[1])] as const;
    const watching = await steps.start().said('watching pp0 (');
    startPodClient(lab, services[0]);
    startPodClient(lab, services[1], ['--think', `${THINK_MS}`]);
    const { stderr } = await steps.ended(watching);
    for (const { name } of PODS) {
      expect(stderr).toMatch(new RegExp(`^ {2}container shop/${name}/app\\n +\\d+ +\\d+`, 'm'));
    }
    const [heading, ...rows] = tableOf((await steps.next()).stdout);
    expect(heading).toEqual(['pod', 'RTTs', 'p50', 'p99']);
    expect(rows.map(([pod]) => pod)).toEqual(PODS.map(({ name }) => `shop/${name}`));
    const [quick = Number.NaN, slow] = rows.map(([, , median]) => Number(median));
    expect(quick).toBeLessThan(THINK_MS);
    expect(slow).toBeGreaterThan(THINK_MS);
  },

  async 'QUIC, pings and DNS'(steps, { path, after }) {
    steps.goTo(path.client);
    for (const address of [serverAddresses.ipv4, serverAddresses.ipv6])
      pingFor(path, address, after);
    const asking = askAgain(path, after);
    const { stdout } = await steps.next();
    await asking.end();
    for (const protocol of ['TCP', 'ICMP', 'ICMPv6'])
      expect(stdout).toMatch(new RegExp(`^beyond pp0, ${protocol}: [1-9]\\d* samples$`, 'm'));
    expect(stdout).toMatch(/^DNS: [1-9]\d* responses, p50 /m);
  },

  async 'Which resolver is slow?'(steps, { path, after }) {
    steps.goTo(path.client);
    const asking = askAgain(path, after);
    const { stdout, stderr } = await steps.next();
    const told = linesOf(stdout).filter((line) => line.includes('DNS'));
    expect(told.length).toBeGreaterThan(0);
    expect(stderr).toMatch(/^DNS: [1-9]\d* responses, p50 /m);
    const worst = jsonLines((await steps.next()).stdout);
    await asking.end();
    expect(worst.map(({ resolver }) => resolver)).toEqual([serverAddresses.ipv4]);
    expect(worst[0]?.p90_ms).toBeGreaterThan((2 * DELAY_US) / 1e3);
  },

  async 'What does this capture say?'(steps, { file }) {
    await steps.next();
    const { stdout, stderr } = await steps.next();
    expect(stderr).toMatch(/^beyond the interface: \d+ samples\n {2}RTT in ms /m);
    expect(stderr).toMatch(/^500 packets, /m);
    expect(stdout + stderr).toMatch(/^capture\.html: \d+ samples of \d+ flows and 2 peers, /m);
    expect(readFileSync(file('capture.html'), 'utf8')).toContain('</html>');
  },

  async 'How do I show it to others?'(steps, { file }) {
    const samples = /^(\d+) samples of /m.exec((await steps.next()).stderr)?.[1];
    const { stdout, stderr } = await steps.next();
    expect(stdout + stderr).toMatch(new RegExp(`^run\\.html: ${samples} samples of .* 2 peers, `));
    expect(readFileSync(file('run.html'), 'utf8')).toContain('</html>');
  },

  async 'When was it worst yesterday?'(steps, { file }) {
    const minutes = [12, 60, 13, 80, 14].map((longest, minute) =>
      [11, longest].map((ms) => rttLine({ atMs: minute * 60_000, rtt: ms * 1e6 })).join(''),
    );
    const worst = `2026-11-20T00:03:00Z\t2\t80\n2026-11-20T00:01:00Z\t2\t60\n2026-11-20T00:04:00Z\t2\t14\n`;
    writeFileSync(file('pp0.ndjson.1'), minutes.join(''));
    expect((await steps.next()).stdout).toBe(worst);
    writeFileSync(file('pp0.ndjson.1'), gzipSync(minutes.join('')));
    expect((await steps.again()).stdout).toBe(worst);
  },

  async 'How do I open it in a spreadsheet?'(steps) {
    const samples = /^(\d+) samples of /m.exec((await steps.next()).stderr)?.[1];
    const [, ...rows] = linesOf((await steps.next()).stdout).map((line) => line.split(','));
    expect(rows).toHaveLength(Number(samples));
    expect([...new Set(rows.map(([, host]) => host))].sort()).toEqual(CLIENTS);
    for (const [, , rtt, least] of rows) expect(Number(rtt)).toBeGreaterThanOrEqual(Number(least));
    await steps.next();
    const [, ...intervals] = linesOf((await steps.next()).stdout);
    expect(intervals.length).toBeGreaterThanOrEqual(1);
  },

  async 'How do I plot it?'(steps, { file }) {
    const began = Math.floor(Date.now() / 1e3);
    await steps.next();
    await steps.next();
    const rows = tableOf(readFileSync(file('rtt.dat'), 'utf8')).map((row) => row.map(Number));
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (const [index, [second = 0, rtts, mean = 0, most]] of rows.entries()) {
      expect(second).toBeGreaterThanOrEqual(began);
      expect(second).toBeGreaterThan(rows[index - 1]?.[0] ?? 0);
      expect(rtts).toBeGreaterThan(0);
      expect(mean).toBeGreaterThan((2 * DELAY_US) / 1e3);
      expect(most).toBeGreaterThanOrEqual(mean * 0.999); // both have six digits
    }
  },
};

test('every recipe is known here, and what is done otherwise here is in the document', () => {
  expect(RECIPES.map(({ title }) => title)).toEqual(Object.keys(FOLLOWED));
  const written = RECIPES.flatMap(({ commands }) => commands.map(({ text }) => text)).join('\n');
  expect(SUBSTITUTIONS.filter(([text]) => !written.includes(text))).toEqual([]);
});

describe('each recipe gives what it says', () => {
  const startCli = useCli();
  const file = useTemporaryFolder();
  const terminal = useTmux();
  let lab: Lab;

  beforeAll(async () => {
    requireDns();
    const path = await createPath({ delayUs: DELAY_US });
    await startResolver(path.server);
    const [ipv4, ipv6, other] = await Promise.all([
      startServer(path, serverAddresses.ipv4, 443),
      startServer(path, serverAddresses.ipv6, 443),
      startServer(path, serverAddresses.ipv4, 8080),
    ]);
    lab = { path, after: new Cleanup(), file, service: { ipv4, ipv6 } };
    // Rare enough for acknowledgements to come at once: delayed ones would look like a queue.
    startClient(path, ipv4, ['--connections', '6', '--interval', '100']);
    startClient(path, ipv6, ['--connections', '4', '--interval', '100']);
    startClient(path, ipv4, ['--mode', 'short', '--interval', '200']);
    startClient(path, other, ['--interval', '100']);
  });

  afterAll(() => lab?.path.close());

  beforeEach(() => {
    mkdirSync(file('bin'));
    // Its process is pping's own from then on.
    program('pping', `echo $$ > ${file('pping.pid')}`, `exec ${pping}`);
    program('duckdb', `exec node ${join(repositoryRoot, 'test/helpers/documents/duckdb.mjs')}`);
  });

  afterEach(async () => {
    await lab.after.run();
    await lab.path.setDelay(DELAY_US);
  });

  test.each(RECIPES)('$title', async ({ title, commands }) => {
    const here = commands.map(({ text, shown }) => ({
      text: asHere(text),
      shown: shown.map(asHere),
    }));
    const steps = new Steps(here, { run, lookAt }, lab.path.server);
    await FOLLOWED[title]?.(steps, lab);
    expect(steps.neverRun).toEqual([]);
    expect(steps.neverSeen).toEqual([]);
  });

  function program(name: string, ...lines: readonly string[]): void {
    const script = file(`bin/${name}`);
    writeFileSync(script, `#!/bin/bash\n${lines.join('\n')} "$@"\n`);
    chmodSync(script, 0o755);
  }

  /** The way to where a command is run: its folder, and its pping. */
  const through = () => ['env', '-C', file(''), `PATH=${file('bin')}:${process.env.PATH}`];

  function run(place: Namespace, command: string): Cli {
    const args = ['-euo', 'pipefail', '-c', command];
    return startCli(place, args, { program: 'bash', through: through() });
  }

  async function lookAt(
    place: Namespace,
    command: string,
    lines: readonly string[],
  ): Promise<string[]> {
    const tmux = await terminal({ columns: 100, rows: 16 }, (argv) =>
      place.command([...through(), ...argv]),
    );
    await tmux.type(command);
    const shapes = lines.map(shapeOf);
    const seen = await tmux.shows((screen) => {
      const shown = screen.map(shapeOf);
      return shapes.every((shape) => shown.includes(shape));
    });
    await tmux.press('q');
    await tmux.isBack();
    return seen;
  }
});

interface Lab {
  readonly path: LabPath;
  readonly service: { readonly ipv4: Service; readonly ipv6: Service };
  /** What a recipe changed, to be undone when it has passed or failed. */
  readonly after: Cleanup;
  /** Where a file of the recipe is. */
  file(name: string): string;
}

function asHere(text: string): string {
  return SUBSTITUTIONS.reduce((done, [written, here]) => done.replaceAll(written, here), text);
}

function pingFor({ client }: LabPath, address: string, after: Cleanup): void {
  const ping = client.spawn(['ping', '-q', '-i', '0.2', address], { stdio: 'ignore' });
  after.add(() => void ping.kill());
}

/** Until it is ended, or the recipe is over: one query after the other. */
function askAgain({ client }: LabPath, after: Cleanup): { end(): Promise<void> } {
  let isOver = false;
  const asking = (async () => {
    while (!isOver) await dig(client, serverAddresses.ipv4, [NAMES.known]);
  })();
  const end = async () => {
    isOver = true;
    await asking;
  };
  after.add(end);
  return { end };
}

/** A modem with far too large a buffer, in front of the client that speaks IPv6. */
async function addQueue({ client, server, interfaceName }: LabPath): Promise<void> {
  // BBR would leave the queue half empty; most senders are not as polite.
  const route = ['ip', '-6', 'route', 'add', 'fd77::/64', 'dev', interfaceName, 'metric', '1'];
  await server.run([...route, 'congctl', 'cubic']);
  await client.run(['ip', 'link', 'add', 'ifb0', 'type', 'ifb']);
  await client.run(['ip', 'link', 'set', 'ifb0', 'up']);
  await client.run(['tc', 'qdisc', 'add', 'dev', 'ifb0', 'root', 'tbf', ...QUEUE]);
  await client.run(['tc', 'qdisc', 'add', 'dev', interfaceName, 'ingress']);
  const filter = ['tc', 'filter', 'add', 'dev', interfaceName, 'parent', 'ffff:'];
  const all = ['protocol', 'ipv6', 'u32', 'match', 'u32', '0', '0'];
  await client.run([...filter, ...all, 'action', 'mirred', 'egress', 'redirect', 'dev', 'ifb0']);
}

async function removeQueue({ client, server, interfaceName }: LabPath): Promise<void> {
  await client.run(['tc', 'qdisc', 'del', 'dev', interfaceName, 'ingress']);
  await client.run(['ip', 'link', 'del', 'ifb0']);
  await server.run(['ip', '-6', 'route', 'del', 'fd77::/64', 'dev', interfaceName, 'metric', '1']);
}

/** A container with a service, and its client. */
async function startContainer(
  lab: ContainersLab,
  at: 0 | 1,
  options: readonly string[] = [],
): Promise<RunningClient> {
  const server = await lab.start(at);
  const service = await startServer({ server }, containerAddresses[at].ipv4, 80);
  return startClient(lab, service, ['--connections', '4', '--interval', '100', ...options]);
}

/** A container that is a pod's, and its service. */
async function startPod(
  lab: ContainersLab,
  at: 0 | 1,
  { uid, container }: (typeof PODS)[number],
): Promise<Service> {
  const slice = `kubepods-pod${uid.replaceAll('-', '_')}.slice`;
  const cgroup = makeCgroup(`kubepods.slice/${slice}/cri-containerd-${container}.scope`);
  const namespace = await lab.start(at);
  const spawn: Namespace['spawn'] = (argv, rest) => namespace.spawn(cgroup.command(argv), rest);
  const server = { ...namespace, spawn };
  return startServer({ server }, containerAddresses[at].ipv4, 80);
}

function startPodClient(lab: ContainersLab, pod: Service, options: readonly string[] = []): void {
  startClient(lab, pod, ['--connections', '4', '--interval', '50', ...options]);
}

/** Of the hosts beyond, by where RTTs were seen, the medians in ms. */
function mediansBeyond(summary: string): Map<string, number> {
  const [beyond = ''] = summary.split(/^behind /m);
  const rows = beyond.matchAll(/^ {2}seen at (\S+) +\d+ +\S+ +(\S+)/gm);
  return new Map(Array.from(rows, ([, name = '', p50]) => [name, Number(p50)]));
}

/** Whether the process that wrote its id there has programs in the kernel. */
function hasPrograms(pidFile: string): boolean {
  const pid = pidIn(pidFile);
  return pid > 0 && programsOf(pid).length > 0;
}

/** 0 until it is there. */
function pidIn(pidFile: string): number {
  return existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
}

function jsonLines(text: string): Record<string, string | number>[] {
  return linesOf(text).map((line) => JSON.parse(line));
}

/** Of a table whose columns line up. */
function columnsOf(text: string): string[][] {
  return linesOf(text).map((line) => line.split(/ +/));
}

function tableOf(text: string): string[][] {
  return linesOf(text).map((line) => line.split(/\s/));
}
