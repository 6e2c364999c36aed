/** Names of hosts in a live run, which has given up most of what root may do before it looks for any. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, useCli } from '../helpers/command/cli.js';
import { throughEtc } from '../helpers/command/etc.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const start = useCli();
const inFolder = useTemporaryFolder();
const PORT = 7_003;
let pair: Endpoints;

beforeAll(async () => {
  pair = await createVethPair({});
  for (const address of [serverAddresses.ipv4, serverAddresses.ipv6]) {
    const server = await startServer(pair, address, PORT);
    startClient(pair, server, ['--connections', '2', '--interval', '15']);
  }
});

afterAll(() => pair?.close());

function watch(...args: readonly string[]): Cli {
  const { ipv4, ipv6 } = serverAddresses;
  const hosts = `${ipv4} server.example\n${ipv6} server6.example\n${ipv4} also.example\n`;
  const through = throughEtc(inFolder('.'), { hosts, 'nsswitch.conf': 'hosts: files\n' });
  const options = ['-i', pair.interfaceName, '--resolve', '--rate', '10ms'];
  return start(pair.client, [...options, ...args], { through });
}

test('lines and the summary have them', async () => {
  const cli = await watch().watching();
  await until(() => / > server\.example:7003$/m.test(cli.stdout.join('\n')), 'RTTs over IPv4');
  await until(() => / > server6\.example:7003$/m.test(cli.stdout.join('\n')), 'RTTs over IPv6');
  const { code, stderr } = await cli.end('SIGINT');
  expect(code).toBe(0);
  expect(stderr).toMatch(/^ {2}server6\.example +\d+ /m);
});

test('a filter takes them', async () => {
  const { code, stdout } = await watch('--host', 'also.example', '-q', '-c', '50').ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}server\.example +\d+ /m);
  expect(stdout).not.toContain('server6.example');
});

test('a host that there is not is told before anything is watched', async () => {
  expect(await watch('--host', 'none.example').ended).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'pping: none.example: no such host\n',
  });
});
