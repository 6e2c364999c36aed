/** What cannot be done is said in one line, before anything is attached. */
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { repositoryRoot } from '../../lab/places.js';
import { missingRequirement } from '../../lab/requirements.js';
import { STACK_TRACE } from '../../lab/stack-trace.js';
import { type Ended, here, linesOf, useCli } from '../helpers/command/cli.js';
import { type Outcome, runHere } from '../helpers/command/in-process.js';
import { startTuns } from '../helpers/lab/tuns.js';
import { compileBpf } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** Given with another one, so that there are two. */
const OWN_NETNS = '/proc/self/ns/net';

jest.setTimeout(180_000);

const start = useCli();

describe('a command line', () => {
  test.each([
    [[], 'which interface? pping -i <name>'],
    [
      ['-i', 'none0', '--rate', '100'],
      "--rate '100': a duration needs a unit, such as 100ms or 100s",
    ],
    [
      ['-i', 'none0', '--rate', 'fast'],
      '--rate: "fast" is not a duration; write for example 100ms',
    ],
    [['-i', 'none0', '--rate', '-1ms'], '"-1ms" is not a duration'],
    [['-i', 'none0', '--rate', '0', '--burst', '3/4ms'], '--burst cannot be used with --rate 0'],
    [['-i', 'none0', '--rtt-type', 'min'], '--rtt-type needs --rtt-rate'],
    [['-i', 'none0', '--cleanup-interval', '0'], "--cleanup-interval '0': must be at least 10ms"],
    [['-i', 'none0', '--rtae', '1ms'], 'unknown option --rtae; did you mean --rate?\n'],
    [
      ['-i', 'none0', '--format', 'xml'],
      "--format 'xml': must be one of human, pping, ndjson, csv, ppviz\n",
    ],
    [['-i', 'none0', '--attach', 'glue'], "--attach 'glue': must be one of auto, tcx, clsact\n"],
    [['-i', 'none0', '-c', '0'], "--count '0': must be a whole number, at least 1\n"],
    [['-i', 'none0', '-c', '1e3'], "--count '1e3': must be a whole number"],
    [['-i', 'none0', '-s', '0'], "--seconds '0': must be longer than 0\n"],
    [['-i'], 'missing value: --interface <name>\n'],
    [['lo'], 'what is "lo"? Did you mean -i lo?\n'],
    [['examples/lab.pcap'], 'what is "examples/lab.pcap"? Did you mean -r examples/lab.pcap?\n'],
    [['-i', 'lo', '-i', 'none1'], 'no interface "none1" here; available: '],
    [
      ['-i', 'lo', '--exclude-interface', 'l*'],
      'pping: --exclude-interface leaves no interface: lo\n',
    ],
    [
      ['-i', 'any', '--exclude-interface', '*'],
      "pping: --exclude-interface '*' leaves no interface\n",
    ],
    [
      ['-i', 'no-such', '--netns', 'all'],
      'pping: no network namespace has an interface "no-such"\n',
    ],
    [
      ['-i', 'lo', '--netns', OWN_NETNS, '--netns', 'no-such'],
      'pping: --netns: no network namespace "no',
    ],
    [
      ['-i', 'nowhere', '--netns', OWN_NETNS, '--netns', OWN_NETNS],
      'pping: no interface "nowhere" here; available',
    ],
    [
      ['-i', 'lo', '--netns', OWN_NETNS, '--netns', '/etc/passwd'],
      'pping: --netns: /etc/passwd is not a network',
    ],
    [['-i', 'lo', '--netns', 'no-such'], 'pping: --netns: no network namespace "no-such" here; '],
    [['-i', 'lo', '--netns', '4194304'], 'pping: --netns: no process 4194304 here\n'],
    [['-i', 'lo', '--netns', 'n'.repeat(300)], 'pping: --netns: no network namespace "nnn'],
    [['-i', 'lo', '--netns', '/no/such'], 'pping: --netns: /no/such: no such file\n'],
    [['-r', 'x.pcap', '--exclude-interface', 'lo'], '--exclude-interface cannot be used with -r'],
    [['-r', ''], "pping: --read '': must not be empty\n"],
    [['-r', 'x.pcap', ''], "pping: --read '': must not be empty\n"],
    [['-r', 'x.pcap', '-o', ''], "pping: --output '': must not be empty\n"],
    [['-r', '-', '-r', '-'], 'standard input (-) can be read only once'],
    [['-r', '/dev/null', 'none.pcap'], 'pping: none.pcap: no such file\n'],
    [['-i', 'none0', 'doctor'], '--interface cannot be used before doctor'],
  ])('%j is refused: %s', async (args, message) => {
    const ended = await runHere(args);
    expectOneLine(ended, 2);
    expect(ended.stderr).toContain(message);
  });

  test('is refused by the process, too', async () => {
    const ended = await start(here, ['-i']).ended;
    expectOneLine(ended, 2);
    expect(ended.signal).toBe(null);
  });

  test.each([
    ['--help', /^Usage: pping [\s\S]*--rate <duration>[\s\S]*Examples:/],
    ['--version', /^pping \d+\.\d+\.\d+/],
  ])('%s is answered on stdout', async (option, answer) => {
    const { code, stdout, stderr } = await start(here, [option]).ended;
    expect(stdout).toMatch(answer);
    expect([code, stderr]).toEqual([0, '']);
  });

  test.each(['--help', 'help', '-V'])('%s on a full disk is a fault', async (option) => {
    const through = ['bash', '-c', 'exec "$@" >/dev/full', 'bash'];
    const { code, stderr } = await start(here, [option], { through }).ended;
    expect([code, stderr]).toEqual([1, 'pping: disk full: standard output\n']);
  });

  test('--help survives a reader that is not interested', async () => {
    const through = ['bash', '-c', '"$@" | true; exit $PIPESTATUS', 'bash'];
    const { code, stderr } = await start(here, ['--help'], { through }).ended;
    expect([code, stderr]).toEqual([0, '']);
  });
});

const missing = missingRequirement();
const on = missing === undefined ? describe : describe.skip;

on(`on a machine${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  const file = useTemporaryFolder();
  let namespace: Namespace;

  beforeEach(async () => {
    namespace = await createNamespace();
  });

  afterEach(() => namespace.close());

  test('an interface that is not there: those that are, are named', async () => {
    await namespace.run(['ip', 'link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right']);
    const ended = await start(namespace, ['-i', 'eth0']).ended;
    expectOneLine(ended, 2);
    expect(ended.stderr).toMatch(/no interface "eth0" here; available: lo right left$/m);
  });

  test('those that are there are named, and which has the default route', async () => {
    const ip = (...args: string[]) => namespace.run(['ip', ...args]);
    await ip('link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right');
    for (const name of ['left', 'right', 'lo']) await ip('link', 'set', name, 'up');
    await ip('address', 'add', '192.0.2.1/24', 'dev', 'left');
    await ip('route', 'add', 'default', 'via', '192.0.2.2');
    const missing = await start(namespace, ['-i', 'eth0']).ended;
    expectOneLine(missing, 2);
    expect(missing.stderr).toMatch(/no interface "eth0" here; available: .*left \(default route\)/);
  });

  test('a default route of IPv6 counts, one that leads nowhere does not', async () => {
    const ip = (...args: string[]) => namespace.run(['ip', ...args]);
    await ip('link', 'add', 'left', 'type', 'veth', 'peer', 'name', 'right');
    for (const name of ['left', 'right', 'lo']) await ip('link', 'set', name, 'up');
    await ip('-6', 'route', 'add', 'unreachable', 'default', 'metric', '4000');
    const missing = async () => (await start(namespace, ['-i', 'eth0']).ended).stderr;
    expect(await missing()).not.toContain('default route');
    await ip('-6', 'route', 'add', 'default', 'dev', 'right');
    expect(await missing()).toContain('right (default route)');
  });

  test('an interface that carries neither Ethernet nor IP', async () => {
    const infiniband = 32;
    await startTuns(namespace, ['ib0', 'ib1'], infiniband);
    const ended = await start(namespace, ['-i', 'ib0']).ended;
    expectOneLine(ended, 2);
    expect(ended.stderr).toContain('ib0 carries neither Ethernet nor plain IP (link type 32)');
  });

  test.each([
    ['missing/run.ndjson', 'no such directory'],
    ['.', 'is a directory'],
  ])('an output that cannot be written, %s: nothing is attached', async (name, reason) => {
    const args = ['-i', 'lo', '--attach', 'clsact', '-o', file(name)];
    const ended = await start(namespace, args).ended;
    expectOneLine(ended, 2);
    expect(ended.stderr).toBe(`pping: ${file(name)}: ${reason}\n`);
    expect(await namespace.run(['tc', 'qdisc', 'show', 'dev', 'lo'])).not.toContain('clsact');
  });

  test('an output that this user may not write to: nothing is attached', async () => {
    const { uid, gid } = statSync(repositoryRoot);
    writeFileSync(file('run.ndjson'), '', { mode: 0o444 });
    chownSync(file('run.ndjson'), uid, gid);
    chmodSync(dirname(file('run.ndjson')), 0o755);
    const owner = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const through = ['setpriv', ...owner, '--bounding-set=-all', '--inh-caps=-all'];
    const ended = await start(namespace, ['-i', 'lo', '-o', file('run.ndjson')], { through }).ended;
    expectOneLine(ended, 2);
    expect(ended.stderr).toContain(`pping: ${file('run.ndjson')}: permission denied\n`);
  });

  test('without capabilities it says which are needed', async () => {
    // As the owner of the checkout, who can read it for certain.
    const { uid, gid } = statSync(repositoryRoot);
    const owner = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const through = ['setpriv', ...owner, '--bounding-set=-all', '--inh-caps=-all'];
    const ended = await start(namespace, ['-i', 'lo'], { through }).ended;
    expectOneLine(ended, 1);
    expect(ended.stderr).toContain('needs root (sudo pping ...), or CAP_BPF, CAP_NET_ADMIN and');
    expect(ended.stderr).toContain('pping doctor');
  });

  test('--who on a kernel without BTF: it says that that is missing', async () => {
    const covered = 'mount -t tmpfs none /sys/kernel/btf && exec "$@"';
    const through = ['unshare', '--mount', 'bash', '-c', covered, 'bash'];
    const ended = await start(namespace, ['-i', 'lo', '--who'], { through }).ended;
    expectOneLine(ended, 1);
    expect(ended.stderr).toContain("the kernel's BTF is missing: /sys/kernel/btf/vmlinux cannot");
    expect(ended.stderr).toContain('pping doctor');
  });

  test('without libbpf it says how to get it', async () => {
    writeFileSync(file('libbpf.so.1'), 'no library');
    const env = { LD_LIBRARY_PATH: dirname(file('libbpf.so.1')) };
    const ended = await start(namespace, ['-i', 'lo'], { env }).ended;
    expectOneLine(ended, 1);
    expect(ended.stderr).toMatch(/libbpf 1\.0 or newer is needed .* apt-get install libbpf1$/m);
  });

  test('without its BPF object it says how to build it', async () => {
    const program = copyPackage(file('package'));
    const ended = await start(namespace, ['-i', 'lo'], { program }).ended;
    expectOneLine(ended, 1);
    expect(ended.stderr).toMatch(/tc_pping\.o is missing; build it with: make build$/m);
  });

  test("a program that the verifier rejects: the verifier's last lines follow", async () => {
    const program = copyPackage(file('package'));
    compileBpf(READS_BEYOND_THE_PACKET, file('package/dist/bpf/tc_pping.o'));
    const ended = await start(namespace, ['-i', 'lo'], { program }).ended;
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    const [message, ...log] = linesOf(ended.stderr);
    expect(message).toMatch(/^pping: cannot load the BPF programs: permission denied \(EACCES\)/);
    expect(log[0]).toBe('the verifier on pping_egress:');
    expect(log.join('\n')).toContain('invalid access to packet');
    expect(log.length).toBeLessThan(10);
    expect(ended.stderr).not.toMatch(STACK_TRACE);
  });
});

const READS_BEYOND_THE_PACKET = `
#define pping_egress accepted_egress
#include "tc_pping.c"
#undef pping_egress

SEC("tc")
int pping_egress(struct __sk_buff *skb)
{
	return *(const u8 *)(long)skb->data;
}
`;

function expectOneLine(ended: Ended | Outcome, code: 1 | 2): void {
  expect(ended.stderr).toMatch(/^pping: [^\n]+\n$/);
  expect(ended).toMatchObject({ code, stdout: '' });
}

/** All of the package but its BPF object. @returns the command */
function copyPackage(to: string): string {
  for (const part of ['bin', 'dist/pping', 'package.json']) {
    cpSync(join(repositoryRoot, part), join(to, part), { recursive: true });
  }
  symlinkSync(join(repositoryRoot, 'node_modules'), join(to, 'node_modules'));
  mkdirSync(join(to, 'dist/bpf'));
  return join(to, 'bin/pping');
}
