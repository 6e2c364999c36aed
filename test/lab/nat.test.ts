/** The ends of connections before NAT: what clients behind a router say themselves, against what pping tells. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { isUp } from '../../lab/endpoints.js';
import {
  createNatLab,
  forwardedPort,
  innerInterfaces,
  type NatLab,
  natAddresses,
  outerInterface,
} from '../../lab/nat.js';
import { until } from '../../lab/until.js';
import { type Cli, linesOf, useCli } from '../helpers/command/cli.js';
import { CallerProgram, type End } from '../helpers/lab/callers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const [FIRST, SECOND] = natAddresses.clients;
const { server: SERVER } = natAddresses;
const ROUTER = natAddresses.router.outer;
const PORT = forwardedPort.inner;
const VERSIONS = ['ipv4', 'ipv6'] as const;

/** As a cluster has it for a service: an address that is none, until the machine that asks translates it. */
const SERVICE = '10.78.0.99';
const SERVICE_RULES = `
  table ip service {
    chain own {
      type nat hook output priority -100
      ip daddr ${SERVICE} tcp dport ${PORT} dnat to ${SERVER.ipv4}:${PORT}
    }
  }
`;

interface Line {
  readonly type: string;
  /** Nearly: too large for a number. */
  readonly timestamp: number;
  readonly flow_id: number;
  readonly flow_event?: string;
  readonly reason?: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_ip: string;
  readonly dest_port: number;
  readonly orig_src_ip?: string | null;
  readonly orig_src_port?: number | null;
  readonly orig_dest_ip?: string | null;
  readonly orig_dest_port?: number | null;
}

let lab: NatLab;
afterEach(() => lab?.close());

const start = useCli();
const inFolder = useTemporaryFolder();

const watch = (name: string, ...args: string[]): Promise<Cli> =>
  start(lab.router, ['-i', name, '--nat', '--rate', '0', '-l', ...args]).watching();
const watchLines = (name: string, ...args: string[]) => watch(name, '--format', 'ndjson', ...args);

async function endOf(cli: Cli): Promise<string[]> {
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toContain('no events lost');
  return linesOf(stdout);
}

/** Those about flows. */
function linesIn(stdout: readonly string[]): Line[] {
  const lines = stdout.map((line) => JSON.parse(line) as Line);
  return lines.filter(({ type }) => type === 'rtt' || type === 'flow');
}

describe('hundreds of connections, from the same ports of two clients', () => {
  const COUNT = 50;
  const FORWARDED = 10;
  const WITHIN = 5;

  test('each line of each tells its ends before NAT, where there they differ', async () => {
    lab = await createNatLab();
    const program = new CallerProgram(inFolder('callers'));
    const atServer = await program.answer(lab.server, PORT);
    await program.answer(lab.clients[1], PORT);
    const watched = [outerInterface, ...innerInterfaces].map((name) => watchLines(name));
    const [outer, first, second] = (await Promise.all(watched)) as [Cli, Cli, Cli];

    await Promise.all(VERSIONS.map((version) => connections(program, version)));
    const ended = [outer, first, second].map(async (cli) => linesIn(await endOf(cli)));
    const [atOuter, atFirst, atSecond] = (await Promise.all(ended)) as [Line[], Line[], Line[]];

    const { callers } = atServer;
    const hidden = callers.map(
      ({ seen, said }) => `${at(seen)} was ${at(said)} > ${service(said)}`,
    );
    expect(hidden).toHaveLength(2 * 2 * COUNT);
    // Both where the port could be kept, and where it was taken.
    const kept = callers.filter(({ seen, said }) => seen.port === said.port).length;
    expect(kept).toBeGreaterThan(COUNT);
    expect(kept).toBeLessThan(3 * COUNT);
    const told = (lines: readonly Line[]) => [...new Set(lines.map(textOf))].sort();
    expect(told(atOuter)).toEqual([...hidden, ...forwarded((_, router) => router)].sort());
    expect(told(atFirst)).toEqual([...own(FIRST), ...within()].sort());
    const asked = forwarded((client, router) => `${client} was ${router}`);
    expect(told(atSecond)).toEqual([...own(SECOND), ...within(), ...asked].sort());
    for (const lines of [atOuter, atFirst, atSecond]) expectWhole(lines);
  });

  async function connections(program: CallerProgram, version: 'ipv4' | 'ipv6'): Promise<void> {
    const { clients, server } = lab;
    const to = { address: SERVER[version], port: PORT };
    const from = (address: string) => ({ address, port: 40_000 });
    const client = { address: SECOND[version], port: PORT };
    const router = { address: ROUTER[version], port: forwardedPort.outer };
    await Promise.all([
      program.call(clients[0], { from: from(FIRST[version]), to }, COUNT),
      program.call(clients[1], { from: from(SECOND[version]), to }, COUNT),
      program.call(server, { from: from(to.address), to: router }, FORWARDED),
    ]);
    // Not at once: from the same ports.
    await program.call(clients[0], { from: from(FIRST[version]), to: client }, WITHIN);
  }

  const texts = (count: number, textOf: (version: 'ipv4' | 'ipv6', port: number) => string) =>
    VERSIONS.flatMap((version) =>
      Array.from({ length: count }, (_, index) => textOf(version, 40_000 + index)),
    );
  const own = (client: typeof FIRST | typeof SECOND) =>
    texts(COUNT, (version, port) => {
      const from = { address: client[version], port };
      return `${at(from)} > ${service(from)}`;
    });
  const within = () =>
    texts(WITHIN, (version, port) => {
      const to = { address: SECOND[version], port: PORT };
      return `${at({ address: FIRST[version], port })} > ${at(to)}`;
    });
  const forwarded = (to: (client: string, router: string) => string) =>
    texts(FORWARDED, (version, port) => {
      const client = at({ address: SECOND[version], port: PORT });
      const router = at({ address: ROUTER[version], port: forwardedPort.outer });
      return `${at({ address: SERVER[version], port })} > ${to(client, router)}`;
    });

  /** Of each flow an opening, RTTs, a closing: the texts are of all of them. */
  function expectWhole(lines: readonly Line[]): void {
    for (const of of flowsOf(lines)) {
      const events = of.map(({ flow_event }) => flow_event);
      expect(events.filter(Boolean)).toEqual(['opening', 'closing']);
      expect(of.length).toBeGreaterThan(3);
    }
  }
});

describe('the ends of a connection that another client has had', () => {
  const from = { address: FIRST.ipv4, port: 41_000 };
  const other = { address: SECOND.ipv4, port: 41_000 };
  const to = { address: SERVER.ipv4, port: PORT };
  const hidden = { address: ROUTER.ipv4, port: 41_000 };
  const disputed = `${at(hidden)} was null > ${at(to)} was null`;
  const was = (end: End) => `${at(hidden)} was ${at(end)} > ${at(to)}`;

  /** As an uplink that was gone for a moment. */
  async function forgetConnections(): Promise<void> {
    await lab.router.run(['ip', 'link', 'set', outerInterface, 'down']);
    await lab.router.run(['ip', 'link', 'set', outerInterface, 'up']);
    await until(() => isUp(lab.router, outerInterface), 'the link');
  }

  test.each([
    ['that was closed', 'call', 'FIN'],
    ['whose end no packet has told', 'vanish', 'SYN'],
  ] as const)('%s: each flow has its own', async (_, how, reason) => {
    lab = await createNatLab();
    const program = new CallerProgram(inFolder('callers'));
    const server = await program.answer(lab.server, PORT);
    const cli = await watchLines(outerInterface);
    await program[how](lab.clients[0], { from, to });
    if (how === 'vanish') await server.vanished();
    await forgetConnections();
    await program.call(lab.clients[1], { from: other, to });

    const flows = flowsOf(linesIn(await endOf(cli)));
    expect(flows.map((lines) => [...new Set(lines.map(textOf))])).toEqual([
      [was(from)],
      [was(other)],
    ]);
    expect(flows.map((lines) => lines.map((line) => line.reason).filter(Boolean))).toEqual([
      ['SYN-ACK', reason],
      ['SYN-ACK', 'FIN'],
    ]);
  });

  // With --who its ends are those of its socket. What conntrack has said is held against what it says then.
  test.each([
    ['FIN', []],
    ['RST', []],
    ['FIN', ['--who']],
    ['RST', ['--who']],
  ] as const)(
    'while it lives: from its %s on none is told, and that is counted %j',
    async (ending, args) => {
      lab = await createNatLab();
      const program = new CallerProgram(inFolder('callers'));
      const server = await program.answer(lab.server, PORT);
      const cli = await watchLines(outerInterface, ...args);
      const moved = { there: lab.clients[1], address: other.address, ending };
      const move = program.move(lab.clients[0], { from, to }, moved);
      await until(() => server.callers.length === 1, 'the connection');
      await forgetConnections();
      await move();
      expect(server.callers).toEqual([
        { seen: hidden, said: from },
        { seen: hidden, said: other },
      ]);

      const stdout = await endOf(cli);
      const [lines = [], ...others] = flowsOf(linesIn(stdout));
      expect(others).toEqual([]);
      // Of the last segment there may be an RTT, too: the same segment, the same time.
      const closing = lines.find(({ flow_event }) => flow_event === 'closing')?.timestamp ?? 0;
      const [before, after] = [true, false].map((isBefore) =>
        lines.filter(({ timestamp }) => timestamp < closing === isBefore).map(textOf),
      );
      expect(new Set(before)).toEqual(new Set([was(from)]));
      expect(new Set(after)).toEqual(new Set([disputed]));
      const { counters } = JSON.parse(stdout.at(-1) ?? '');
      expect(counters.originals_disputed).toBe(1);
    },
  );
});

test('of a process of its own: with --who both, without it the ends alone', async () => {
  lab = await createNatLab();
  const program = new CallerProgram(inFolder('callers'));
  await program.answer(lab.server, PORT);
  await lab.router.run(['nft', SERVICE_RULES]);
  const clis = await Promise.all([
    watch(outerInterface, '--who'),
    watch(outerInterface),
    watchLines(outerInterface),
    watchLines(outerInterface, '--who'),
  ]);
  const from = { address: ROUTER.ipv4, port: 42_000 };
  await program.call(lab.router, { from, to: { address: SERVICE, port: PORT } });
  const [who, without, linesWithout, lines] = (await Promise.all(clis.map(endOf))) as [
    string[],
    string[],
    string[],
    string[],
  ];

  expect(who).toEqual(
    who.map(() => expect.stringMatching(/ callers\[\d+\] nat 10\.78\.0\.99:80$/)),
  );
  expect(without).toEqual(
    without.map(() =>
      expect.stringMatching(/:\d+( opened| already open| FIN from \w+)? {2}nat 10\.78\.0\.99:80$/),
    ),
  );
  const text = `${at(from)} > ${at({ address: SERVER.ipv4, port: PORT })} was ${SERVICE}:${PORT}`;
  for (const each of [linesWithout, lines])
    expect(new Set(linesIn(each).map(textOf))).toEqual(new Set([text]));
  const named = (each: readonly string[]) =>
    linesIn(each).filter((line) => 'pid' in line || 'uid' in line);
  expect(named(linesWithout)).toEqual([]);
  expect(named(lines)).toEqual(linesIn(lines));
});

test('a router without rules tracks nothing: no line tells any', async () => {
  lab = await createNatLab({ translate: false });
  const program = new CallerProgram(inFolder('callers'));
  await program.answer(lab.server, PORT);
  const cli = await watchLines(outerInterface);
  const from = { address: FIRST.ipv4, port: 43_000 };
  const to = { address: SERVER.ipv4, port: PORT };
  await program.call(lab.clients[0], { from, to });
  const lines = linesIn(await endOf(cli));
  expect(new Set(lines.map(textOf))).toEqual(new Set([`${at(from)} > ${at(to)}`]));
});

function flowsOf(lines: readonly Line[]): Line[][] {
  const ids = new Set(lines.map(({ flow_id }) => flow_id));
  return [...ids].map((id) => lines.filter(({ flow_id }) => flow_id === id));
}

/** The end that asked first; what each was before NAT, where that differs. */
function textOf(line: Line): string {
  const src = endText(line.src_ip, line.src_port, line.orig_src_ip, line.orig_src_port);
  const dest = endText(line.dest_ip, line.dest_port, line.orig_dest_ip, line.orig_dest_port);
  const isAsking =
    line.dest_port === PORT || (line.src_port !== PORT && line.dest_port === forwardedPort.outer);
  return isAsking ? `${src} > ${dest}` : `${dest} > ${src}`;
}

function endText(
  address: string,
  port: number,
  before: string | null | undefined,
  portBefore: number | null | undefined,
): string {
  const end = at({ address, port });
  if (before === undefined && portBefore === undefined) return end;
  return before === null && portBefore === null
    ? `${end} was null`
    : `${end} was ${at({ address: before ?? '', port: portBefore ?? NaN })}`;
}

function service({ address }: End): string {
  return at({ address: address.includes(':') ? SERVER.ipv6 : SERVER.ipv4, port: PORT });
}

function at({ address, port }: End): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
