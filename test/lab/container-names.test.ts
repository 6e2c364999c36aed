/** Names of containers and pods, as pping finds them on a machine whose runtimes have left these files. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { installForAll } from '../helpers/command/installed.js';
import { type TestCgroup, useCgroups } from '../helpers/kernel/cgroup.js';
import { containerId } from '../helpers/runner/containers.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

jest.setTimeout(180_000);

const [DOCKER, OTHER, KUBERNETES] = [containerId('d0c'), containerId('d1'), containerId('c0be')];
const UID = '8f3a1e5c-1111-4000-8000-00000000beef';
const POD_SLICE = `kubepods.slice/kubepods-pod${UID.replaceAll('-', '_')}.slice`;
const SECRET = 'hunter2';

const start = useCli();
const makeCgroup = useCgroups();
const tree = useHostTree();
let pair: Endpoints;
let service: Service;
let installed: string;
let program: string;

beforeAll(async () => {
  installed = mkdtempSync(join(tmpdir(), 'pping-test-'));
  program = installForAll(installed);
  pair = await createVethPair({ ipv6: false });
  service = await startServer(pair, serverAddresses.ipv4);
});

afterAll(async () => {
  await pair?.close();
  rmSync(installed, { recursive: true, force: true });
});

/** As runtimes leave them: Docker's for root alone, the kubelet's for all. */
beforeEach(() => {
  for (const [id, name] of [
    [DOCKER, '/web'],
    [OTHER, '/twin'],
  ]) {
    const config = { Config: { Env: [`PASSWORD=${SECRET}`] }, ID: id, Name: name };
    tree.file(`/var/lib/docker/containers/${id}/config.v2.json`, config);
  }
  tree.chmod('/var/lib/docker', 0o710);
  tree.chmod('/var/lib/docker/containers', 0o710);
  tree.link(`/var/log/containers/cart_shop_app-${KUBERNETES}.log`, '/nowhere/0.log');
  tree.folder('/run');
});

const MOUNT =
  'for each in var/lib var/log run; do mount --bind "$0/$each" "/$each" || exit; done; exec "$@"';

function run(...args: string[]): Cli {
  const through = ['unshare', '--mount', 'sh', '-c', MOUNT, tree.at('')];
  const common = ['-i', pair.interfaceName, '--format', 'ndjson', '--who', '--rate', '0'];
  return start(pair.client, [...common, ...args], { through, program });
}

interface Line {
  readonly cgroup?: string;
  readonly container?: string;
  readonly container_name?: string;
  readonly pod_name?: string;
  readonly namespace?: string;
}

const namesIn = ({ container_name, pod_name, namespace }: Line) => ({
  container_name,
  pod_name,
  namespace,
});
const NO_NAMES = { container_name: undefined, pod_name: undefined, namespace: undefined };
const WEB = { ...NO_NAMES, container_name: 'web' };
const APP = { container_name: 'app', pod_name: 'cart', namespace: 'shop' };

/** Each with a client that goes on. @returns once pping has told of both: what it told of each last */
async function namesOfBoth(cli: Cli): Promise<object[]> {
  await cli.watching();
  const cgroups = [
    makeCgroup(`docker-${DOCKER}.scope`),
    makeCgroup(`${POD_SLICE}/cri-containerd-${KUBERNETES}.scope`),
  ];
  const clients = cgroups.map((cgroup) => startClientIn(cgroup));
  const lastOf = ({ path }: TestCgroup) =>
    cli.stdout.map((line) => JSON.parse(line) as Line).findLast(({ cgroup }) => cgroup === path);
  await until(() => cgroups.every((cgroup) => lastOf(cgroup)), 'both containers');
  await Promise.all(clients.map((client) => client.stop()));
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain(SECRET);
  return cgroups.map((cgroup) => namesIn(lastOf(cgroup) ?? {}));
}

function startClientIn(cgroup: TestCgroup) {
  const spawn: Endpoints['client']['spawn'] = (argv, options) =>
    pair.client.spawn(cgroup.command(argv), options);
  return startClient({ ...pair, client: { ...pair.client, spawn } }, service, ['--interval', '10']);
}

test('as root, which has given up its rights by then: of Docker and of Kubernetes', async () => {
  expect(await namesOfBoth(run())).toEqual([WEB, APP]);
});

test('--no-container-names: none', async () => {
  expect(await namesOfBoth(run('--no-container-names'))).toEqual([NO_NAMES, NO_NAMES]);
});

test('--user: those of Kubernetes, whose names of logs all can list', async () => {
  expect(await namesOfBoth(run('--user', 'nobody'))).toEqual([NO_NAMES, APP]);
});

describe('--container', () => {
  test.each(['web', 'shop/cart/app'])('%s: only this one is measured', async (name) => {
    const cgroups = [
      makeCgroup(`docker-${DOCKER}.scope`),
      makeCgroup(`docker-${OTHER}.scope`),
      makeCgroup(`${POD_SLICE}/cri-containerd-${KUBERNETES}.scope`),
    ];
    const cli = await run('--container', name, '-c', '20').watching();
    const clients = cgroups.map((cgroup) => startClientIn(cgroup));
    const { code, stdout } = await cli.ended;
    await Promise.all(clients.map((client) => client.stop()));
    expect(code).toBe(0);
    const lines = linesOf(stdout).map((line) => JSON.parse(line) as Line & { type: string });
    const told = lines.filter(({ type }) => type === 'rtt').map(({ container }) => container);
    expect(new Set(told)).toEqual(new Set([name === 'web' ? DOCKER : KUBERNETES]));
  });

  test.each([
    ['none', [], 'no container matches none by name or start of the id'],
    ['d', [], `2 containers match d by name or start of the id: ${DOCKER}, ${OTHER}`],
    ['web', ['--no-container-names'], 'no container matches web by name or start of the id'],
  ])('%s %j is refused, in one line', async (name, more, message) => {
    for (const id of [DOCKER, OTHER]) makeCgroup(`docker-${id}.scope`);
    const { code, stderr } = await run('--container', name, ...more).ended;
    expect(code).toBe(2);
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toContain(message);
  });
});
