/** --until, over a path whose delay rises midway. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';

jest.setTimeout(240_000);

const FAST_US = 5_000;
const metricOf = (condition: string) => /^\w+/.exec(condition)?.[0];
/** Far more than a machine that stalls adds. */
const SLOW_US = 500_000;

describe('a run that waits for a condition', () => {
  const start = useCli();
  let path: LabPath;
  let watch: readonly string[];

  beforeAll(async () => {
    path = await createPath({ delayUs: FAST_US, ipv6: false });
    const server = await startServer(path, serverAddresses.ipv4);
    startClient(path, server, ['--connections', '40', '--interval', '20']);
    watch = ['-i', path.interfaceName, '--format', 'ndjson'];
  });

  afterAll(() => path?.close());

  /** Until nothing that was slow is on its way any more. */
  async function calmDown(): Promise<void> {
    await path.setDelay(FAST_US);
    const args = ['-i', path.interfaceName, '-q', '--rate', '10ms', '--until', 'max<200ms/1s'];
    expect(await start(path.client, args).ended).toMatchObject({ code: 10 });
  }

  test.each([['p99>900ms'], ['max>900ms'], ['p99>900ms/5s'], ['p90>=900ms/1s']])(
    '%s: exit 10 after the rise, and not before',
    async (condition) => {
      await calmDown();
      const cli = await start(path.client, [...watch, '--until', condition]).watching();
      await cli.printed(60);
      expect(cli.stderr).toHaveLength(1); // still watching
      await path.setDelay(SLOW_US);
      const { code, stdout, stderr } = await cli.ended;
      expect(code).toBe(10);
      expect(linesOf(stderr).at(-1)).toMatch(
        new RegExp(
          `^ended: ${metricOf(condition)} was \\d+\\.\\d+ ms over \\d+ RTTs( in the last \\ds)?$`,
        ),
      );
      expect(JSON.parse(linesOf(stdout).at(-1) ?? '')).toMatchObject({
        type: 'summary',
        final: true,
      });
    },
  );

  test('counted in the kernel, at the end of an interval after the rise, and not before', async () => {
    await calmDown();
    const counting = ['--aggregate', '500ms', '--until', 'p90>=900ms/1s for 500ms'];
    const cli = await start(path.client, [...watch, ...counting]).watching();
    await until(
      () => cli.stdout.filter((line) => line.includes('"beyond"')).length > 3,
      'intervals',
    );
    expect(cli.stderr).toHaveLength(1); // still watching
    await path.setDelay(SLOW_US);
    const { code, stdout, stderr } = await cli.ended;
    expect(code).toBe(10);
    expect(linesOf(stderr).at(-1)).toMatch(
      /^ended: p90 was \d+\.\d+ ms over \d+ RTTs in the last 1s, for 500ms$/,
    );
    expect(stdout).not.toContain('"type":"rtt"');
    expect(JSON.parse(linesOf(stdout).at(-1) ?? '')).toMatchObject({ type: 'summary' });
  });

  test('-s without it coming true exits 0', async () => {
    await calmDown();
    const args = ['-i', path.interfaceName, '-q', '-s', '1', '--until', 'min>1s'];
    const { code, stdout, stderr } = await start(path.client, args).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^[\d: -]+ to [\d: -]+\n\d+ samples? of \d+ flows\n[\s\S]*\nno events lost\n$/,
    );
    expect(stderr).toMatch(/^(min>1s could not be evaluated: .*\n)?$/); // on a slow machine
  });

  test('samples may be waited for, too', async () => {
    const args = [...watch, '--until', 'samples>=37'];
    const { code, stdout } = await start(path.client, args).ended;
    expect(code).toBe(10);
    const rtts = linesOf(stdout).filter((line) => line.includes('"type":"rtt"'));
    expect(rtts).toHaveLength(37);
  });

  test('a line reaches a pipe though none follows that could push it', async () => {
    const address = serverAddresses.ipv4;
    const quiet = await createVethPair({ ipv6: false });
    try {
      const server = await startServer(quiet, address);
      const args = ['-i', quiet.interfaceName, '--format', 'ndjson', '--rate', '0'];
      const cli = await start(quiet.client, args).watching();
      startClient(quiet, server, ['--interval', '3600000']);
      const isRtt = (line: string) => line.startsWith('{"type":"rtt"');
      await until(() => cli.stdout.some(isRtt), 'the RTT of the handshake');
    } finally {
      await quiet.close();
    }
  });
});
