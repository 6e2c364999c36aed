/** --resolve: names from /etc/hosts, which is one of our own here. */
import { expect, jest, test } from '@jest/globals';
import { here, linesOf, useCli } from '../helpers/command/cli.js';
import { throughEtc } from '../helpers/command/etc.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const start = useCli();
const inFolder = useTemporaryFolder();
const CAPTURE = ['-r', 'examples/lab.pcap', '--local', '10.77.0.1', '--local', 'fd77::1'];

/** With these lines as /etc/hosts, and no name server. */
function startWith(lines: readonly string[], args: readonly string[]) {
  const server = 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n';
  const files = { hosts: `${lines.join('\n')}\n`, 'resolv.conf': server };
  const [unshare = '', ...rest] = throughEtc(inFolder('.'), files);
  return start(here, args, { through: [unshare, '--net', ...rest] }).ended;
}

const HOSTS = ['10.77.0.1 client.example', 'fd77::2 server6.example server6'];

test('lines and the summary have names where these are known', async () => {
  const { code, stdout, stderr } = await startWith(HOSTS, [...CAPTURE, '--resolve']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/ TCP client\.example:\d+ > 10\.77\.0\.2:8080$/m);
  expect(stdout).toMatch(/ TCP \[fd77::1\]:\d+ > server6\.example:\d+$/m);
  expect(stdout).not.toMatch(/10\.77\.0\.1|fd77::2/);
  expect(stderr).toMatch(/^ {2}server6\.example +\d+ /m);
  expect(stderr).toMatch(/^ {2}10\.77\.0\.2 +\d+ /m);
});

test('so has a summary that is all there is', async () => {
  const { stdout } = await startWith(HOSTS, [...CAPTURE, '--resolve', '-q']);
  expect(stdout).toMatch(/^ {2}server6\.example +\d+ /m);
});

test('NDJSON keeps addresses, and so does everything without --resolve', async () => {
  const json = await startWith(HOSTS, [...CAPTURE, '--resolve', '--format', 'ndjson']);
  expect(json.stdout).not.toContain('example');
  expect(json.stdout).toContain('"dest_ip":"10.77.0.1"');
  const plain = await startWith(HOSTS, CAPTURE);
  expect(plain.stdout + plain.stderr).not.toContain('server6.example');
});

test('-n says the opposite', async () => {
  const { code, stderr } = await startWith(HOSTS, [...CAPTURE, '--resolve', '-n']);
  expect(code).toBe(2);
  expect(linesOf(stderr)).toEqual(['pping: --numeric cannot be used with --resolve']);
});

test('--host and host take names', async () => {
  const names = [...HOSTS, '10.77.0.2 server.example', 'fd77::1 client.example'];
  const filters = [
    [
      ['--host', 'server6.example'],
      ['--host', 'fd77::2'],
    ],
    [['host server.example and port 8080'], ['host 10.77.0.2 and port 8080']],
    [
      ['--exclude-host', 'server.example'],
      ['--exclude-host', '10.77.0.2'],
    ],
  ] as const;
  for (const [named, addressed] of filters) {
    const run = (filter: readonly string[]) =>
      startWith(names, [...CAPTURE, '--resolve', '-q', ...filter]);
    const [byName, byAddress] = [await run(named), await run(addressed)];
    expect(byName).toEqual(byAddress);
    expect(byName.stdout).not.toMatch(/^(0|87) samples/);
  }
});

test('a name of which there is no host is told in one line', async () => {
  const hosts = ['192.0.2.1 known.example'];
  const { code, stdout, stderr } = await startWith(hosts, [
    ...CAPTURE,
    '--resolve',
    '--host',
    'x.invalid',
  ]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('pping: x.invalid: no name server answers\n');
});
