/** Whose flows of QUIC and pings, and whose DNS queries, they are: of processes in cgroups that the test has made. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { containerLinks, createContainersLab } from '../../lab/containers.js';
import {
  clientAddresses,
  type Endpoints,
  interfaceName,
  serverAddresses,
} from '../../lab/endpoints.js';
import type { Namespace } from '../../lab/netns.js';
import { createPath } from '../../lab/path.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { makeCgroup, type TestCgroup, useCgroups } from '../helpers/kernel/cgroup.js';
import { SocketProcess } from '../helpers/kernel/sockets.js';
import { dig, NAMES, requireDns, startResolver } from '../helpers/lab/dns.js';
import { QuicServer } from '../helpers/lab/quic.js';

jest.setTimeout(240_000);

const CONTAINER = '3fa1c0ffee12'.padEnd(64, '5');
const ADDRESS = serverAddresses.ipv4;
/** Longer than a busy machine keeps the resolver waiting. */
const ANSWER_TIMEOUT = '5s';

interface Line {
  readonly type: string;
  readonly protocol: string;
  readonly flow_id?: number;
  readonly flow_event?: string;
  readonly handshake?: boolean;
  readonly src_port: number;
  readonly dest_port: number;
  readonly cgroup?: string;
  readonly unit?: string;
  readonly container?: string;
  readonly pid?: number;
  readonly comm?: string;
  readonly uid?: number;
}

/** What a run has told of flows and queries, and said. */
interface Told {
  readonly lines: readonly Line[];
  readonly said: string;
  readonly filtered: number;
}

const start = useCli();
const makeOwn = useCgroups();
const folder = mkdtempSync(join(tmpdir(), 'pping-owners-'));
let pair: Endpoints;
let serving: TestCgroup;
let server: QuicServer;

beforeAll(async () => {
  requireDns();
  pair = await createVethPair({ ipv6: false });
  serving = makeCgroup('web.service');
  server = await QuicServer.start(within(pair.server, serving), join(folder, 'server'));
});
afterAll(async () => {
  // First: what runs in a cgroup ends with it.
  await pair?.close();
  await serving?.remove();
  rmSync(folder, { recursive: true });
});

/** The same place, for what is started in the cgroup. */
function within(place: Namespace, cgroup: TestCgroup): Namespace {
  return {
    ...place,
    run: (argv) => place.run(cgroup.command(argv)),
    spawn: (argv, options) => place.spawn(cgroup.command(argv), options),
  };
}

function watch(place: Namespace, ...args: string[]): Promise<Cli> {
  const common = ['--who', '--rate', '0', '--format', 'ndjson'];
  return start(place, ['-i', interfaceName, ...common, ...args]).watching();
}

async function endOf(cli: Cli): Promise<Told> {
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  const lines = linesOf(stdout).map((line) => JSON.parse(line));
  const { filtered } = lines.at(-1).counters;
  const told = lines.filter(({ type }) => ['flow', 'rtt', 'dns'].includes(type));
  return { lines: told, said: stderr, filtered };
}

function cgroupsOf(lines: readonly Line[]): Set<string | undefined> {
  return new Set(lines.map(({ cgroup }) => cgroup));
}

describe('a connection of QUIC', () => {
  test("is its client's where that is, and its server's there, from its opening on", async () => {
    const cgroup = makeOwn(`docker-${CONTAINER}.scope`);
    const [ours, theirs] = await Promise.all(
      [pair.client, pair.server].map((place) => watch(place, '-l', '--protocol', 'quic')),
    );
    await server.ask(within(pair.client, cgroup), ADDRESS);
    const { lines } = await endOf(ours as Cli);
    const atServer = (await endOf(theirs as Cli)).lines;
    expect(lines.map(({ flow_event: event }) => event)).toContain('opening');
    const unit = `docker-${CONTAINER}.scope`;
    const own = { cgroup: cgroup.path, unit, container: CONTAINER, uid: 0, comm: 'gtlsclient' };
    for (const line of lines) expect(line).toMatchObject(own);
    expect(atServer.map(({ flow_event: event }) => event)).toContain('opening');
    for (const line of atServer) {
      expect(line).toMatchObject({ cgroup: serving.path, unit: 'web.service', uid: 0 });
      // It has made its socket before pping was there: it is looked for.
      expect([undefined, 'gtlsserver']).toContain(line.comm);
    }
  });

  test('gets the process of a socket that was there before, once it is found', async () => {
    const cli = await watch(pair.server, '-l', '--protocol', 'quic');
    await until(async () => {
      await server.ask(pair.client, ADDRESS);
      return cli.hasPrinted('"comm":"gtlsserver"');
    }, 'the process');
    const { lines } = await endOf(cli);
    const pids = new Set(lines.flatMap(({ pid }) => pid ?? []));
    expect(pids.size).toBe(1);
  });

  test("on lo is its client's", async () => {
    const cgroup = makeOwn('client.service');
    const options = ['--who', '--rate', '0', '--format', 'ndjson', '--protocol', 'quic'];
    const cli = await start(pair.server, ['-i', 'lo', ...options]).watching();
    await server.ask(within(pair.server, cgroup), '127.0.0.1');
    const { lines } = await endOf(cli);
    expect(lines.map(({ type }) => type)).toContain('rtt');
    expect(cgroupsOf(lines)).toEqual(new Set([cgroup.path]));
  });

  test("of a container is the container's on its link, and nobody's behind the host", async () => {
    const cgroup = makeOwn(`docker-${CONTAINER}.scope`);
    const lab = await createContainersLab(1_000);
    try {
      const remote = await QuicServer.start(lab.client, join(folder, 'remote'));
      const container = within(await lab.start(0), cgroup);
      const options = ['--who', '--rate', '0', '--format', 'ndjson', '--protocol', 'quic'];
      const places = [containerLinks[0], interfaceName];
      const runs = await Promise.all(
        places.map((name) => start(lab.host, ['-i', name, ...options]).watching()),
      );
      await remote.ask(container, '10.77.0.1');
      const [link, outer] = await Promise.all(runs.map(endOf));
      expect(link?.lines.map(({ type }) => type)).toContain('rtt');
      expect(cgroupsOf(link?.lines ?? [])).toEqual(new Set([cgroup.path]));
      expect(outer?.lines.map(({ type }) => type)).toContain('rtt');
      expect(cgroupsOf(outer?.lines ?? [])).toEqual(new Set([undefined]));
      expect(outer?.said).toContain('not attributed: 1 flow of unknown owner');
    } finally {
      await lab.close();
    }
  });
});

/** Handshakes of QUIC on lo, all of them on the same ports: as far as their headers tell. */
const HANDSHAKES = `
CLIENT, SERVER = ('127.0.0.1', 50000), ('127.0.0.1', 443)
def socket_at(place):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(place)
    return s
def initial(to, own):
    ids = bytes([8]) + bytes([to]) * 8 + bytes([8]) + bytes([own]) * 8
    return (b'\\xc0\\0\\0\\0\\1' + ids + b'\\0' + struct.pack('>H', 0x4000 | 1170)).ljust(1200, b'\\xa5')
def send(sender, receiver, to, own):
    sender.sendto(initial(to, own), receiver.getsockname())
    receiver.recv(2048)
def handshake(client, server, first):
    send(client, server, first, first + 1)
    send(server, client, first + 1, first + 2)
    send(client, server, first + 2, first + 1)
rename(b'first')
told()
client, server = socket_at(CLIENT), socket_at(SERVER)
`;

describe('connections of QUIC one after another on the same ports', () => {
  beforeAll(() => pair.client.run(['ip', 'link', 'set', 'lo', 'up']));

  /** What is told of them, with these options besides. */
  async function toldOf(source: string, optionsOf: (pid: number) => string[]): Promise<Told> {
    const resident = new SocketProcess(pair.client, HANDSHAKES + source);
    try {
      const options = ['--rate', '0', '--format', 'ndjson', '--protocol', 'quic'];
      const args = ['-i', 'lo', ...options, ...optionsOf(resident.pid)];
      const cli = await start(pair.client, args).watching();
      resident.goOn();
      await resident.numbers();
      return await endOf(cli);
    } finally {
      await resident.kill();
    }
  }

  const THREE = 'for first in (1, 4, 7): handshake(client, server, first)\ntell()';

  test.each([
    ['--who', () => ['--who']],
    ['--pid', (pid: number) => ['--who', '--pid', String(pid)]],
  ])('have both of their RTTs with %s', async (_option, optionsOf) => {
    const { lines } = await toldOf(THREE, optionsOf);
    expect(lines.filter(({ flow_event: event }) => event === 'opening')).toHaveLength(3);
    expect(lines.filter(({ type }) => type === 'rtt')).toHaveLength(6);
    expect(new Set(lines.map(({ comm }) => comm))).toEqual(new Set(['first']));
  });

  /** From now on in this cgroup, with no sockets so far. */
  const enter = ({ directory }: TestCgroup) => `
client.close(), server.close()
with open('${directory}/cgroup.procs', 'w') as file: file.write('0')
`;

  /** Three, of a client that is in another cgroup, or another process, than their server. */
  const APART = (wanted: TestCgroup, other: TestCgroup) => `
${enter(wanted)}
server = socket_at(SERVER)
if os.fork() == 0:
    with open('${other.directory}/cgroup.procs', 'w') as file: file.write('0')
    client = socket_at(CLIENT)
    for first in (1, 4, 7):
        client.sendto(initial(first, first + 1), SERVER)
        client.recv(2048)
        client.sendto(initial(first + 2, first + 1), SERVER)
    os._exit(0)
for first in (1, 4, 7):
    server.recv(2048)
    server.sendto(initial(first + 1, first + 2), CLIENT)
    server.recv(2048)
os.wait()
tell()
`;

  test.each([
    ['--cgroup', (cgroup: TestCgroup) => cgroup.path],
    ['--pid', (_: TestCgroup, pid: number) => String(pid)],
  ])('have both of their RTTs where %s names their server alone', async (option, nameOf) => {
    const [wanted, other] = [makeOwn('web.service'), makeOwn('client.service')];
    const optionsOf = (pid: number) => ['--who', option, nameOf(wanted, pid)];
    const { lines } = await toldOf(APART(wanted, other), optionsOf);
    expect(lines.filter(({ flow_event: event }) => event === 'opening')).toHaveLength(3);
    expect(lines.filter(({ type }) => type === 'rtt')).toHaveLength(6);
    expect(cgroupsOf(lines)).toEqual(new Set([wanted.path]));
    expect(new Set(lines.map(({ comm }) => comm))).toEqual(new Set(['first']));
  });

  /** Two of a client in another cgroup; the second server is in that, too. */
  const BEGUN_AGAIN = (wanted: TestCgroup, other: TestCgroup) => `
${enter(wanted)}
server = socket_at(SERVER)
before = server.dup()
${enter(other)}
client, server = socket_at(CLIENT), before
handshake(client, server, 1)
server.close()
handshake(client, socket_at(SERVER), 4)
tell()
`;

  test('are left out where their server is another by now', async () => {
    const [wanted, other] = [makeOwn('web.service'), makeOwn('client.service')];
    const optionsOf = () => ['--who', '--cgroup', wanted.path];
    const { lines } = await toldOf(BEGUN_AGAIN(wanted, other), optionsOf);
    expect(lines.map(({ type, flow_event: event }) => event ?? type)).toEqual([
      ...['opening', 'rtt', 'rtt', 'closing'],
    ]);
    expect(cgroupsOf(lines)).toEqual(new Set([wanted.path]));
  });

  /** As HANDSHAKES, on the way between two machines. */
  const BETWEEN = HANDSHAKES.replace("'127.0.0.1', 50000", `'${clientAddresses.ipv4}', 50000`)
    .replace("'127.0.0.1', 443", `'${ADDRESS}', 4430`)
    .replace('client, server = socket_at(CLIENT), socket_at(SERVER)', '');

  const SERVING = `
server = socket_at(SERVER)
tell()
for first in (1, 4, 7):
    server.recv(2048)
    server.sendto(initial(first + 1, first + 2), CLIENT)
    server.recv(2048)
tell()
`;

  const ASKING = `
client = socket_at(CLIENT)
for first in (1, 4, 7):
    client.sendto(initial(first, first + 1), SERVER)
    client.recv(2048)
    client.sendto(initial(first + 2, first + 1), SERVER)
`;

  test("are all counted as their server's where RTTs are counted by owner", async () => {
    const cgroup = makeOwn('web.service');
    const aggregated = ['--aggregate', '10m', '--aggregate-by', 'owner', '--format', 'ndjson'];
    const asked = ['-i', interfaceName, '-l', '--protocol', 'quic', '--quic-port', '443,4430'];
    const cli = await start(pair.server, [...asked, '--rate', '0', ...aggregated]).watching();
    const serving = new SocketProcess(within(pair.server, cgroup), BETWEEN + SERVING);
    const asking = new SocketProcess(pair.client, BETWEEN + ASKING);
    try {
      serving.goOn();
      await serving.numbers();
      asking.goOn();
      await serving.numbers();
    } finally {
      await Promise.all([serving.kill(), asking.kill()]);
    }
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const lines = linesOf(stdout).map((line) => JSON.parse(line));
    const counted = lines.filter(({ type }) => type === 'aggregate');
    expect(counted.map(({ owner, unit, samples }) => [owner, unit, samples])).toEqual([
      ['known', 'web.service', 3],
      ['known', 'web.service', 3],
    ]);
  });

  const ANOTHER = `
handshake(client, server, 1)
client.close()
if os.fork() == 0:
    rename(b'second')
    handshake(socket_at(CLIENT), server, 4)
    os._exit(0)
os.wait()
tell()
`;

  test('are each of its own process, to their end', async () => {
    const { lines } = await toldOf(ANOTHER, () => ['--who']);
    const flows = [...new Set(lines.map(({ flow_id: id }) => id))];
    expect(flows).toHaveLength(2);
    const [first, second] = flows.map((flow) => lines.filter(({ flow_id: id }) => id === flow));
    expect(first?.at(-1)?.flow_event).toBe('closing');
    expect(new Set(first?.map(({ comm }) => comm))).toEqual(new Set(['first']));
    expect(new Set(second?.map(({ comm }) => comm))).toEqual(new Set(['second']));
  });
});

describe('a filter', () => {
  test.each([
    ['--cgroup', (cgroup: TestCgroup) => cgroup.path],
    ['--container', () => CONTAINER.slice(0, 12)],
  ])(
    '%s: only these connections of QUIC are measured, from their first packet on',
    async (option, nameOf) => {
      const [wanted, other] = [makeOwn(`docker-${CONTAINER}.scope`), makeOwn('b.service')];
      const args = ['--protocol', 'all', option, nameOf(wanted)];
      const cli = await watch(pair.client, ...args);
      for (const cgroup of [other, wanted, other])
        await server.ask(within(pair.client, cgroup), ADDRESS);
      const { lines, filtered } = await endOf(cli);
      expect(cgroupsOf(lines)).toEqual(new Set([wanted.path]));
      expect(lines.filter(({ flow_event: event }) => event === 'opening')).toHaveLength(1);
      expect(lines.filter(({ type, handshake }) => type === 'rtt' && handshake)).toHaveLength(1);
      expect(filtered).toBeGreaterThan(2 * 4);
    },
  );

  test('of the server leaves out what others answer', async () => {
    const cli = await watch(pair.server, '-l', '--protocol', 'quic', '--cgroup', serving.path);
    await server.ask(pair.client, ADDRESS);
    const { lines } = await endOf(cli);
    expect(lines.map(({ type }) => type)).toContain('rtt');
    expect(cgroupsOf(lines)).toEqual(new Set([serving.path]));
    const nobody = makeOwn('nobody.service');
    const other = await watch(pair.server, '-l', '--protocol', 'quic', '--cgroup', nobody.path);
    await server.ask(pair.client, ADDRESS);
    expect((await endOf(other)).lines).toEqual([]);
  });

  test('--pid of the server, whose socket was there before', async () => {
    const pid = Number(
      (await pair.server.run(['ss', '-Hulnp', 'sport = :443'])).match(/pid=(\d+)/)?.[1],
    );
    const cli = await watch(pair.server, '-l', '--protocol', 'quic', '--pid', String(pid));
    await until(async () => {
      await server.ask(pair.client, ADDRESS);
      return cli.hasPrinted('"type":"rtt"');
    }, 'an RTT');
    const { lines } = await endOf(cli);
    expect(new Set(lines.map((line) => line.pid))).toEqual(new Set([pid]));
  });
});

/** Asks three times, from a sequence number on, and waits for each reply. */
const PING = `
import socket, struct, sys
kind, address, identifier, first = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
s = socket.socket(socket.AF_INET, getattr(socket, kind), socket.IPPROTO_ICMP)
s.bind(('0.0.0.0', identifier if kind == 'SOCK_DGRAM' else 0))
s.settimeout(10)
def checksum(data):
    sum_ = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    return 0xffff - (sum_ % 0xffff)
for sequence in range(first, first + 3):
    rest = struct.pack('!HH', identifier, sequence)
    s.sendto(struct.pack('!BBH', 8, 0, checksum(b'\\x08\\0\\0\\0' + rest)) + rest, (address, 0))
    s.recv(2048)
`;

describe.each(['SOCK_RAW', 'SOCK_DGRAM'])('pings by a socket of the kind %s', (kind) => {
  beforeAll(() => pair.client.run(['sysctl', '-qw', 'net.ipv4.ping_group_range=0 2147483647']));

  const ping = (cgroup: TestCgroup, id: number, first: number) =>
    within(pair.client, cgroup).run(['python3', '-c', PING, kind, ADDRESS, `${id}`, `${first}`]);

  test('are of who asks, also where another asks with the same identifier', async () => {
    const cgroups = [makeOwn('one.service'), makeOwn('other.service')];
    const cli = await watch(pair.client, '--protocol', 'icmp');
    for (const [at, cgroup] of cgroups.entries()) await ping(cgroup, 4711, 1 + 3 * at);
    const rtts = (await endOf(cli)).lines.filter(({ type }) => type === 'rtt');
    const paths = cgroups.map(({ path }) => path);
    expect(rtts.map(({ cgroup }) => cgroup)).toEqual(paths.flatMap((path) => [path, path, path]));
    for (const line of rtts)
      expect(line).toMatchObject({ src_port: 4711, comm: 'python3', uid: 0 });
    expect(new Set(rtts.map(({ pid }) => pid)).size).toBe(2);
  });

  test('are left out by a filter that asks for others, until one of these asks', async () => {
    const [wanted, other] = [makeOwn('one.service'), makeOwn('other.service')];
    const cli = await watch(pair.client, '--protocol', 'icmp', '--cgroup', wanted.path);
    for (const [at, cgroup] of [other, wanted, other].entries())
      await ping(cgroup, 4712, 1 + 3 * at);
    const rtts = (await endOf(cli)).lines.filter(({ type }) => type === 'rtt');
    expect(rtts.map(({ cgroup }) => cgroup)).toEqual([wanted.path, wanted.path, wanted.path]);
  });
});

describe('a query of DNS', () => {
  beforeAll(() => startResolver(pair.server));

  const ask = (place: Namespace) => dig(place, ADDRESS, [NAMES.known, 'A']);

  test('is of the process that asks, however soon that is gone', async () => {
    const cgroups = [makeOwn('one.service'), makeOwn(`docker-${CONTAINER}.scope`)];
    const cli = await watch(pair.client, '--protocol', 'dns');
    for (const cgroup of cgroups) await ask(within(pair.client, cgroup));
    const { lines } = await endOf(cli);
    const who = { type: 'dns', src_port: 53, uid: 0, comm: 'dig', pid: expect.any(Number) };
    expect(lines).toMatchObject([
      { ...who, cgroup: cgroups[0]?.path, unit: 'one.service' },
      { ...who, cgroup: cgroups[1]?.path, container: CONTAINER },
    ]);
    expect(lines[0]?.pid).not.toBe(lines[1]?.pid);
  });

  test('is told with its process in a line to read, also where nothing answers', async () => {
    const ended = ['--timestamp-timeout', ANSWER_TIMEOUT, '--cleanup-interval', '1s', '-c', '2'];
    const args = [
      '-i',
      interfaceName,
      '--who',
      '--protocol',
      'dns',
      '--dns-port',
      '5300',
      ...ended,
    ];
    const cli = await start(pair.client, args).watching();
    const place = within(pair.client, makeOwn('one.service'));
    await ask(place);
    const nobody = dig(place, ADDRESS, ['-p', '5300', NAMES.known]);
    await expect(nobody).rejects.toThrow();
    await until(() => cli.hasPrinted('no answer for'), 'that nothing has answered');
    const { stdout } = await cli.end('SIGINT');
    expect(linesOf(stdout)).toEqual([
      expect.stringMatching(/ NOERROR .*:53 {2}one\.service dig\[\d+\]$/),
      expect.stringMatching(/ no answer for .*:5300 {2}one\.service dig\[\d+\]$/),
    ]);
  });

  test('is counted for its owner where queries are counted by owner, answered or not', async () => {
    const [one, two] = ['one.service', 'two.service'].map((name) =>
      within(pair.client, makeOwn(name)),
    ) as [Namespace, Namespace];
    const aggregated = ['--aggregate', '300ms', '--aggregate-by', 'owner', '--format', 'ndjson'];
    const ended = ['--timestamp-timeout', ANSWER_TIMEOUT, '--cleanup-interval', '1s'];
    const asked = ['-i', interfaceName, '--protocol', 'dns', '--dns-port', '53,5300'];
    const cli = await start(pair.client, [...asked, ...aggregated, ...ended]).watching();
    await ask(one);
    await ask(two);
    await expect(dig(two, ADDRESS, ['-p', '5300', NAMES.known])).rejects.toThrow();
    await until(() => cli.hasPrinted('"unanswered":1'), 'that nothing has answered');
    const { code, stdout } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const lines = linesOf(stdout).map((line) => JSON.parse(line));
    const counted = lines.filter(({ type }) => type === 'dns_aggregate');
    const sum = (unit: string, field: 'responses' | 'unanswered') =>
      counted.reduce((all, each) => all + (each.unit === unit ? each[field] : 0), 0);
    expect(new Set(counted.map(({ owner, uid }) => `${owner} ${uid}`))).toEqual(
      new Set(['known 0']),
    );
    for (const unit of ['one.service', 'two.service']) expect(sum(unit, 'responses')).toBe(1);
    expect(sum('one.service', 'unanswered')).toBe(0);
    expect(sum('two.service', 'unanswered')).toBeGreaterThan(0);
  });

  test('is of who asks at the other end of its link, too', async () => {
    const cgroup = makeOwn('one.service');
    const cli = await watch(pair.server, '--protocol', 'dns', '-l');
    await ask(within(pair.client, cgroup));
    const { lines } = await endOf(cli);
    expect(lines.map((line) => [line.cgroup, line.comm])).toEqual([[cgroup.path, 'dig']]);
  });

  test.each([
    ['--cgroup', (cgroup: TestCgroup) => cgroup.path],
    ['--container', () => CONTAINER.slice(0, 12)],
  ])('%s: only those that were asked for are measured', async (option, nameOf) => {
    const [wanted, other] = [makeOwn(`docker-${CONTAINER}.scope`), makeOwn('b.service')];
    const cli = await watch(pair.client, '--protocol', 'dns', option, nameOf(wanted));
    for (const cgroup of [other, wanted, other]) await ask(within(pair.client, cgroup));
    const { lines, filtered } = await endOf(cli);
    expect(lines.map(({ cgroup }) => cgroup)).toEqual([wanted.path]);
    // Two queries, and their responses.
    expect(filtered).toBe(4);
  });

  test('--pid: only those that this process has sent', async () => {
    const resident = new SocketProcess(pair.client, RESIDENT);
    try {
      const cli = await watch(pair.client, '--protocol', 'dns', '--pid', String(resident.pid));
      await ask(pair.client);
      resident.goOn();
      await resident.numbers();
      const { lines, filtered } = await endOf(cli);
      expect(lines.map(({ pid, comm }) => [pid, comm])).toEqual([[resident.pid, 'resident']]);
      expect(filtered).toBe(2);
    } finally {
      await resident.kill();
    }
  });
});

/** Asks once it is told to. */
const RESIDENT = `
rename(b'resident')
told()
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.sendto(bytes.fromhex('12340100000100000000000003777777047465737400' + '00010001'), ('${ADDRESS}', 53))
tell(len(s.recv(512)))
`;

test('what comes from another machine is of nobody, though it is answered here', async () => {
  const path = await createPath({ delayUs: 1_000 });
  try {
    await startResolver(path.server);
    const cli = await watch(path.server, '-l', '--protocol', 'icmp,dns');
    await path.client.run(['ping', '-n', '-c', '2', '-i', '0.05', ADDRESS]);
    await dig(path.client, ADDRESS, [NAMES.known, 'A']);
    const { lines } = await endOf(cli);
    expect(lines.map(({ type }) => type)).toEqual(expect.arrayContaining(['rtt', 'dns']));
    expect(cgroupsOf(lines)).toEqual(new Set([undefined]));
  } finally {
    await path.close();
  }
});

test('a ping is of who asks at the other end of its link, too', async () => {
  const cgroup = makeOwn('one.service');
  const cli = await watch(pair.server, '-l', '--protocol', 'icmp');
  await within(pair.client, cgroup).run(['ping', '-n', '-c', '2', '-i', '0.05', ADDRESS]);
  const { lines } = await endOf(cli);
  expect(lines.map(({ type }) => type)).toContain('rtt');
  expect(cgroupsOf(lines)).toEqual(new Set([cgroup.path]));
});
