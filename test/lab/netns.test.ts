/** Interfaces of another network namespace, watched from outside of it. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { linksOf, NO_FILTERS, ppingFilters } from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { type RunningClient, startClient, startServer } from '../../lab/services.js';
import { createVethPair } from '../../lab/veth.js';
import { here, linesOf, useCli } from '../helpers/command/cli.js';

/** Not as pping calls its own files: other suites look for those. */
const NAME = `watched-${process.pid}`;

jest.setTimeout(180_000);

const start = useCli();
let pair: Endpoints;
let traffic: RunningClient;

beforeAll(async () => {
  pair = await createVethPair({ ipv6: false });
  execFileSync('ip', ['netns', 'attach', NAME, String(pair.client.pid)]);
  const server = await startServer(pair, serverAddresses.ipv4);
  traffic = startClient(pair, server, ['--connections', '2', '--interval', '15']);
});

afterAll(async () => {
  execFileSync('ip', ['netns', 'delete', NAME]);
  traffic?.kill();
  await pair?.close();
});

test.each([
  ['its name', () => NAME],
  ['a process in it', () => String(pair.client.pid)],
  ['a path', () => `/proc/${pair.client.pid}/ns/net`],
])('by %s', async (_, word) => {
  const netns = word();
  const asked = ['-i', pair.interfaceName, '--netns', netns, '--rate', '10ms'];
  const cli = start(here, [...asked, '--format', 'ndjson', '-c', '20']);
  const { code, stdout, stderr } = await cli.ended;
  expect(code).toBe(0);
  expect(stderr).toContain(
    `watching ${pair.interfaceName} (tcx) in the network namespace ${netns}, `,
  );
  const objects = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
  const rtts = objects.filter(({ type }) => type === 'rtt');
  expect(rtts).toHaveLength(20);
  for (const each of objects) {
    expect(each).toMatchObject({ netns, interface: pair.interfaceName });
  }
  expect(new Set(rtts.map(({ src_ip }) => src_ip))).toEqual(new Set([serverAddresses.ipv4]));
});

test('all of them; as somebody else once all is open', async () => {
  const asked = ['-i', 'any', '--netns', NAME, '--user', 'nobody', '--rate', '10ms'];
  const cli = await start(here, [...asked, '--format', 'ndjson']).watching();
  await cli.printed(5);
  expect(linksOf(cli.pid).length).toBeGreaterThanOrEqual(2);
  const { code, stderr } = await cli.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringContaining('no events lost')]);
});

test('one whose name is not ASCII, as messages have it', async () => {
  await pair.client.run(['ip', 'link', 'add', 'bürö', 'type', 'bridge']);
  const cli = start(here, ['-i', 'b\\u00fcr\\u00f6', '--netns', NAME, '--seconds', '0.1']);
  const { code, stderr } = await cli.ended;
  await pair.client.run(['ip', 'link', 'delete', 'bürö']);
  expect([code, stderr]).toEqual([0, expect.stringContaining('watching b\\u00fcr\\u00f6 (')]);
});

test('with clsact: nothing is left there', async () => {
  const asked = ['-i', pair.interfaceName, '--netns', NAME, '--attach', 'clsact'];
  const { code } = await start(here, [...asked, '-c', '3']).ended;
  expect(code).toBe(0);
  expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
});
