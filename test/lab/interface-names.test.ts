/** Whoever is root in a container names its interfaces: in any bytes but spaces, / and :. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type RunningClient, type Service, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { asciiText } from '../../src/text/ascii.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

jest.setTimeout(180_000);

const DEADLINE_MS = 60_000;
const startCli = useCli();
let pair: Endpoints;
let server: Service;
let traffic: RunningClient | undefined;
let present: string;

beforeEach(async () => {
  pair = await createVethPair({ ipv6: false });
  present = pair.interfaceName;
  server = await startServer(pair, serverAddresses.ipv4);
  traffic = undefined;
});

afterEach(async () => {
  traffic?.kill();
  await pair?.close();
});

/** Once the interface has its name: to be given one it goes down, and connections are refused meanwhile. */
function startTraffic(): void {
  traffic = startClient(pair, server, ['--connections', '3', '--interval', '15']);
}

async function rename(name: string): Promise<void> {
  await pair.client.run(['ip', 'link', 'set', present, 'down']);
  await pair.client.run(['ip', 'link', 'set', present, 'name', name, 'up']);
  present = name;
}

const start = (name: string) =>
  startCli(pair.client, ['-i', name, '--rate', '10ms', '--format', 'ndjson']);

describe('an interface', () => {
  test.each([
    ['bürö網', 'b\\u00fcr\\u00f6\\u7db2', 'é'],
    ['\u001b[2J', '\\u001b[2J', '\u202eab'],
  ])('called %j is watched, and the screen left alone', async (name, shown, later) => {
    await rename(name);
    startTraffic();
    const cli = await (await start(name).watching()).printed(5);
    await rename(later);
    const told = `interface ${shown} was renamed to ${asciiText(later)}; the output keeps the name ${shown}`;
    await until(() => cli.stderr.includes(told), 'the new name', DEADLINE_MS);
    const { code, stdout, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^[\n\x20-\x7e▏▎▍▌▋▊▉█]*$/);
    expect(stderr).toContain(`watching ${shown} (`);
    expect(stderr).toContain(`beyond ${shown}: `);
    const interfaces = linesOf(stdout).map((line) => JSON.parse(line).interface);
    expect(new Set(interfaces)).toEqual(new Set([name]));
  });

  test('may be asked for by what stands for its name, where it is listed', async () => {
    const name = '\u001b[31mé';
    await rename(name);
    const { code, stderr } = await start('none').ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `pping: no interface "none" here; available: lo ${asciiText(name)}\n`,
    });
    startTraffic();
    const cli = await (await start(asciiText(name)).watching()).printed(1);
    const { stdout } = await cli.end('SIGINT');
    expect(JSON.parse(linesOf(stdout)[0] ?? '').interface).toBe(name);
  });
});
