/** SIGKILL, at any moment: nothing stays where links are used, and what filters stay the next run takes away. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  MAPS_OF_RUN,
  mapsOfSize,
  NO_FILTERS,
  OWN_MAP_SIZE,
  ppingFilters,
} from '../../lab/attached.js';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { newRandom } from '../../lab/random.js';
import { type RunningClient, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { expectCleanEnd } from '../helpers/command/clean-end.js';
import { type Cli, useCli } from '../helpers/command/cli.js';
import { afterCall, preloaded } from '../helpers/command/preload.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(600_000);

/** With each method. */
const KILLS = 48;
const AT_ONCE = 4;
const INTO_THE_RUN_MS = 200;
const METHODS = ['tcx', 'clsact'] as const;
const [FIRST, SECOND] = ['0x50500000', '0x50500001'] as const;
/** Besides the pair's. */
const OTHER = 'pp1';
const KILL = "process.kill(process.pid, 'SIGKILL');";

describe('SIGKILL', () => {
  const startCli = useCli();
  const inFolder = useTemporaryFolder();
  let pair: Endpoints;
  let traffic: RunningClient;
  let files: readonly string[];

  beforeAll(async () => {
    files = filesOfOurs();
    pair = await createVethPair({ ipv6: false });
    const peer = ['peer', 'name', OTHER, 'netns', String(pair.server.pid)];
    await pair.client.run(['ip', 'link', 'add', OTHER, 'up', 'type', 'veth', ...peer]);
    const server = await startServer(pair, serverAddresses.ipv4);
    traffic = startClient(pair, server, ['--connections', '3', '--interval', '15']);
  });

  afterAll(async () => {
    const { failed, requests } = await traffic.stop();
    await pair?.close();
    expect([failed, requests]).toEqual([0, expect.any(Number)]);
  });

  function start(method: string, env: NodeJS.ProcessEnv = {}, watched = [pair.interfaceName]): Cli {
    const interfaces = watched.flatMap((name) => ['-i', name]);
    const args = [...interfaces, '--attach', method, '--rate', '10ms'];
    const places = { TMPDIR: inFolder('') };
    return startCli(pair.client, [...args, '--max-flows', String(OWN_MAP_SIZE)], {
      env: { ...places, ...env },
    });
  }

  /** A run that is killed right after the nth call of a C function. */
  function startDoomed(method: string, call: string, nth = 1): Cli {
    return start(method, preloaded(afterCall(call, nth, KILL)));
  }

  async function killed(cli: Cli): Promise<void> {
    expect((await cli.ended).signal).toBe('SIGKILL');
  }

  function filters(name = pair.interfaceName) {
    return ppingFilters(pair.client, name);
  }

  /** Its own filters are all there are. */
  async function expectNextToClear(): Promise<void> {
    const next = await start('clsact').watching();
    // The first line may be that a flow has opened, and the end tells of RTTs.
    await until(() => next.hasPrinted(' ms  '), 'an RTT');
    expect(await filters()).toEqual({ egress: [FIRST], ingress: [FIRST] });
    expectCleanEnd(await next.end('SIGINT'));
  }

  async function expectNothingLeft(): Promise<void> {
    expect(await filters()).toEqual(NO_FILTERS);
    expect(await filters(OTHER)).toEqual(NO_FILTERS);
    await until(() => mapsOfSize(OWN_MAP_SIZE) === 0, 'the maps to go, and all that holds them');
    expect(readdirSync(inFolder(''))).toEqual([]);
    expect(filesOfOurs()).toEqual(files);
    expect(readFileSync(`/proc/${pair.client.pid}/net/unix`, 'utf8')).not.toContain('pping');
  }

  test.each(METHODS)(`${KILLS} times at random moments, several at once: %s`, async (method) => {
    const random = newRandom();
    console.info(`the moments are of seed ${random.seed}`);
    const firsts = Array.from({ length: AT_ONCE }, () => timeToWatch(start(method)));
    // As long as it took of late: how busy the machine is changes.
    let usual = Math.max(...(await Promise.all(firsts)));
    let watching = AT_ONCE;
    const killOn = async () => {
      for (let kill = 1; kill < KILLS / AT_ONCE; kill++) {
        const cli = start(method);
        if (random.below(4) === 0) usual = await timeUntilWatching(cli);
        await sleep(random.below(cli.isWatching ? INTO_THE_RUN_MS : usual));
        if (cli.isWatching) watching++;
        expect((await cli.end('SIGKILL')).signal).toBe('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, killOn));
    console.info(`${watching} of ${KILLS} had begun to watch, usually after ${usual} ms`);
    expect(watching).toBeGreaterThan(KILLS / 10);
    expect(KILLS - watching).toBeGreaterThan(KILLS / 10);
    if (method === 'clsact') await expectNextToClear();
    await expectNothingLeft();
  });

  test.each([
    ['its maps loaded, and no program', 'bpf_object__load', 1],
    ['half of its programs loaded', 'bpf_object__load', 3],
    ['loaded, and attached to nothing', 'bpf_object__load', 4],
    ['attached to egress alone', 'bpf_link_create', 1],
    ['attached to both', 'bpf_link_create', 2],
  ])('tcx: %s', async (_, call, nth) => {
    await killed(startDoomed('tcx', call, nth));
    await expectNothingLeft();
  });

  test('tcx: in the middle of its end', async () => {
    const cli = await startDoomed('tcx', 'munmap').watching();
    expect(mapsOfSize(OWN_MAP_SIZE)).toBe(MAPS_OF_RUN);
    void cli.end('SIGINT');
    await killed(cli);
    await expectNothingLeft();
  });

  test('tcx: over two interfaces, attached to one and a half', async () => {
    const call = afterCall('bpf_link_create', 3, KILL);
    await killed(start('tcx', preloaded(call), [pair.interfaceName, OTHER]));
    await expectNothingLeft();
  });

  test.each(METHODS)('%s: over all that have such a name', async (method) => {
    const cli = await start(method, {}, ['pp*']).watching();
    expect(cli.stderr[0]).toContain(`watching pp0 ${OTHER} (${method})`);
    expect((await cli.end('SIGKILL')).signal).toBe('SIGKILL');
    if (method === 'clsact') {
      const left = { egress: [FIRST], ingress: [FIRST] };
      expect([await filters(), await filters(OTHER)]).toEqual([left, left]);
      const next = await start('clsact', {}, ['pp*']).watching();
      await until(() => mapsOfSize(OWN_MAP_SIZE) === MAPS_OF_RUN, "the killed run's maps to go");
      expect([await filters(), await filters(OTHER)]).toEqual([left, left]);
      expectCleanEnd(await next.end('SIGINT'));
    }
    await expectNothingLeft();
  });

  test('clsact: half attached, half cleared, in the middle of its end', async () => {
    await killed(startDoomed('clsact', 'bpf_tc_attach'));
    expect(await filters()).toEqual({ egress: [FIRST], ingress: [] });

    const two = await Promise.all([start('clsact').watching(), start('clsact').watching()]);
    await Promise.all(two.map((cli) => cli.end('SIGKILL')));
    expect(await filters()).toEqual({ egress: [FIRST, SECOND], ingress: [FIRST, SECOND] });
    const areOfTwo = () => mapsOfSize(OWN_MAP_SIZE) === 2 * MAPS_OF_RUN;
    await until(areOfTwo, "the first run's maps to go, and no others");

    await killed(startDoomed('clsact', 'bpf_tc_detach'));
    expect(await filters()).toEqual({ egress: [SECOND], ingress: [FIRST, SECOND] });

    // It takes away three of others, and of its own the first.
    const ending = await startDoomed('clsact', 'bpf_tc_detach', 4).watching();
    void ending.end('SIGINT');
    await killed(ending);
    expect(await filters()).toEqual({ egress: [], ingress: [FIRST] });

    await expectNextToClear();
    await expectNothingLeft();
  });
});

/** In ms; then it is killed. */
async function timeToWatch(cli: Cli): Promise<number> {
  const took = await timeUntilWatching(cli);
  await cli.end('SIGKILL');
  return took;
}

async function timeUntilWatching(cli: Cli): Promise<number> {
  const began = performance.now();
  await cli.watching();
  return Math.ceil(performance.now() - began);
}

/** By mkdtemp: of suites that run beside this one. Runs that are killed have a TMPDIR of their own. */
const FOLDER_OF_TESTS = /^pping-[a-z-]+-\w{6}$/;

/** By their names, where programs leave something; not what tests make. */
function filesOfOurs(): string[] {
  const places = [tmpdir(), '/var/tmp', '/run', '/run/netns', '/dev/shm', '/sys/fs/bpf'];
  return places.flatMap((place) => {
    const names = (() => {
      try {
        return readdirSync(place);
      } catch {
        return []; // there is no such place here
      }
    })();
    return names.filter((name) => /pping/.test(name) && !FOLDER_OF_TESTS.test(name));
  });
}
