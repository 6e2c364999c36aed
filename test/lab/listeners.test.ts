/** Who listens, of connections that come in through a port forward and are over before their process can be looked for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { addresses, forwardedPorts, UPLINK } from '../../lab/behind-bridge/places.js';
import { type BehindBridgeLab, createBehindBridgeLab } from '../../lab/behind-bridge.js';
import { Cleanup } from '../../lab/cleanup.js';
import { interfaceName } from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { PATIENCE, until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { type TestCgroup, useCgroups } from '../helpers/kernel/cgroup.js';
import { SocketProcess } from '../helpers/kernel/sockets.js';
import { type FlowLine, type Truth, verdictOf } from '../helpers/lab/attributed.js';
import { judge, type Process, type Whose } from '../helpers/lab/seen-where.js';
import { makeStranger } from '../helpers/lab/stranger.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000 * PATIENCE);

const CONNECTIONS = 80;
const PORT = forwardedPorts.first;
const IPPROTO_MPTCP = 262;

const processes: SocketProcess[] = [];
/** Children that outlive these. */
const left: number[] = [];
let lab: BehindBridgeLab;
const cleanup = new Cleanup();
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pping-test-'));
  cleanup.add(() => rmSync(folder, { recursive: true }));
  lab = await createBehindBridgeLab();
  cleanup.add(() => lab.close());
  await makeStranger(lab.internet, interfaceName, join(folder, 'stranger.o'));
});
// First: what still runs in a cgroup ends with it.
afterEach(() => endAll());
afterAll(() => cleanup.run());

const inFolder = useTemporaryFolder();
const makeCgroup = useCgroups();
const start = useCli();

const LISTEN = `
listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, PROTOCOL)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
listener.bind(('::', ${PORT}))
listener.listen(1024)
`;
/** For each connection: the client's port. */
const ACCEPT = `
tell(os.getpid())
while True:
    accepted, peer = listener.accept()
    tell(peer[1])
    accepted.close()
`;

function run(namespace: Namespace, source: string, { command }: Pick<TestCgroup, 'command'>) {
  const spawn: Namespace['spawn'] = (argv, options) => namespace.spawn(command(argv), options);
  const process = new SocketProcess({ ...namespace, spawn }, source);
  processes.push(process);
  return process;
}

interface Server {
  readonly pid: number;
  readonly whose: Whose;
  /** The ports of clients whose connections it has accepted. */
  readonly accepted: Set<bigint>;
}

/** In the first container, with a cgroup of its own. @param source what it does before it accepts */
async function serve(name: string, source = '', protocol = 0): Promise<Server> {
  const cgroup = makeCgroup(`${name}.service`);
  const code = `rename(b'${name}'); PROTOCOL = ${protocol}${LISTEN}${source}${ACCEPT}`;
  const serving = run(lab.containers[0], code, cgroup);
  const pid = Number((await serving.numbers())[0]);
  const own = { pid, comm: name };
  const accepted = new Set<bigint>();
  void gather(serving, accepted);
  return { pid, whose: { cgroup: cgroup.path, processes: [own], listener: own }, accepted };
}

/** Until it ends, with the test. */
async function gather(process: SocketProcess, ports: Set<bigint>): Promise<void> {
  try {
    for (;;) for (const port of await process.numbers()) ports.add(port);
  } catch {}
}

/** From the internet, each closed by its client at once. @returns whose they are, by which server has accepted them */
async function comeIn(...servers: readonly Server[]): Promise<Truth<Whose>[]> {
  const to = { address: addresses.host.ipv4, port: PORT };
  const code = `
for _ in range(${CONNECTIONS}):
    s = socket.create_connection(('${to.address}', ${PORT}))
    tell(s.getsockname()[1])
    s.close()`;
  const client = run(lab.internet, code, { command: (argv) => [...argv] });
  const ports: bigint[] = [];
  for (let nth = 0; nth < CONNECTIONS; nth++) ports.push(...(await client.numbers()));
  const whoseIs = (port: bigint) => servers.find(({ accepted }) => accepted.has(port))?.whose;
  await until(() => ports.every(whoseIs), 'all connections to be accepted');
  return ports.flatMap((port) => {
    const whose = whoseIs(port);
    const from = { address: addresses.internet.ipv4, port: Number(port) };
    return whose ? [{ ends: [from, to], whose }] : [];
  });
}

/** On the host's outer interface. @returns lines about flows; of a run in which all of it was told */
async function watching(during: () => Promise<void>, ...args: string[]): Promise<FlowLine[]> {
  const file = inFolder('listeners.ndjson');
  const cli = await start(lab.host, ['-i', UPLINK, '--rate', '0', '-o', file, ...args]).watching();
  await during();
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const lines = linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line) as FlowLine);
  return lines.filter(({ flow_id }) => flow_id !== undefined);
}

function expectRight(lines: readonly FlowLine[], truths: readonly Truth<Whose>[]): void {
  const right = { right: CONNECTIONS, wrong: 0, missing: 0, unexpected: 0, examples: [] };
  expect(verdictOf(lines, truths, judge)).toEqual(right);
}

/** @param others processes that may have them, too */
function listenedBy(truths: readonly Truth<Whose>[], listener: Process, ...others: Process[]) {
  return truths.map(({ ends, whose }) => ({
    ends,
    whose: { ...whose, listener, processes: [...whose.processes, listener, ...others] },
  }));
}

test('of one that listens before pping does', async () => {
  const server = await serve('before');
  let truths: Truth<Whose>[] = [];
  const lines = await watching(async () => {
    truths = await comeIn(server);
  }, '--who');
  expectRight(lines, truths);
});

test.each([
  ['TCP', 0],
  ['Multipath TCP', IPPROTO_MPTCP],
])('of one that begins to listen, by %s', async (_, protocol) => {
  let truths: Truth<Whose>[] = [];
  const lines = await watching(async () => {
    truths = await comeIn(await serve('later', '', protocol));
  }, '--who');
  expectRight(lines, truths);
});

test('of several that share a port, each the one that has accepted it: from before, and not', async () => {
  const before = await serve('before');
  const alone = await serve('first');
  let truths: Truth<Whose>[] = [];
  const lines = await watching(async () => {
    truths = await comeIn(before, alone, await serve('later'));
  }, '--who');
  const whose = new Set(truths.map((truth) => truth.whose.cgroup));
  expect(whose.size).toBe(3);
  expectRight(lines, truths);
});

/** The child goes on, under a name of its own. */
const DETACH = `
opener = os.getpid()
if os.fork() > 0:
    os._exit(0)
while os.getppid() == opener: pass
rename(b'child')
`;

test('that has forked and ended: the one that has called listen(), if that was seen', async () => {
  let truths: Truth<Whose>[] = [];
  let pid = Number.NaN;
  const lines = await watching(async () => {
    const server = await serve('opener', DETACH);
    pid = server.pid;
    left.push(pid);
    truths = await comeIn(server);
  }, '--who');
  const listeners = new Set(lines.map((line) => line.listener_pid).filter((each) => each));
  const [opener = Number.NaN] = listeners;
  expect(opener).not.toBe(pid);
  const child = { pid, comm: 'child' };
  expectRight(lines, listenedBy(truths, { pid: opener, comm: 'opener' }, child));
});

test('the same from before: one that is left', async () => {
  const server = await serve('opener', DETACH);
  left.push(server.pid);
  let truths: Truth<Whose>[] = [];
  const lines = await watching(async () => {
    truths = await comeIn(server);
  }, '--who');
  expectRight(lines, listenedBy(truths, { pid: server.pid, comm: 'child' }));
});

test('of several processes that have it open the one that was forked first', async () => {
  const server = await serve('parent', KEPT_BY_CHILD);
  let truths: Truth<Whose>[] = [];
  const lines = await watching(async () => {
    truths = await comeIn(server);
  }, '--who');
  expectRight(lines, truths);
});

const KEPT_BY_CHILD = `
import ctypes, signal
if os.fork() == 0:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL) # PR_SET_PDEATHSIG
    rename(b'child')
    signal.pause()
`;

test('--pid: connections of a listener whose process is not known, and none of another', async () => {
  const [wanted, other] = [await serve('wanted'), await serve('other')];
  let truths: Truth<Whose>[] = [];
  const during = async () => {
    truths = await comeIn(wanted, other);
  };
  const lines = await watching(during, '--who', '--pid', String(wanted.pid));
  const portsOf = new Set(lines.map(({ src_port, dest_port }) => src_port + dest_port - PORT));
  expect(portsOf).toEqual(new Set([...wanted.accepted].map(Number)));
  expect(truths.length).toBe(wanted.accepted.size + other.accepted.size);
  expect(wanted.accepted.size).toBeGreaterThan(0);
  expect(other.accepted.size).toBeGreaterThan(0);
});

async function endAll(): Promise<void> {
  for (const pid of left.splice(0)) process.kill(pid, 'SIGKILL');
  await Promise.all(processes.splice(0).map((each) => each.kill()));
}
