/** What pping has not foreseen, in the middle of a run and of its beginning: detached, one line, exit 1. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  MAPS_OF_RUN,
  mapsOfSize,
  NO_FILTERS,
  OWN_MAP_SIZE,
  ppingFilters,
} from '../../lab/attached.js';
import type { Endpoints } from '../../lab/endpoints.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { type Cli, type Ended, useCli } from '../helpers/command/cli.js';
import { afterCall, onSignal, preloaded, WAITING_FOR_EVER } from '../helpers/command/preload.js';

const METHODS = ['tcx', 'clsact'] as const;
const THROW = "throw new TypeError('it broke\\n  in two lines');";
const REJECT = "void Promise.reject(new TypeError('it broke\\n  in two lines'));";
const LINE = 'pping: it broke in two lines\n';

jest.setTimeout(240_000);

describe('an error that nobody has caught', () => {
  const startCli = useCli();
  let pair: Endpoints;

  beforeAll(async () => {
    pair = await createVethPair({ ipv6: false });
  });

  afterAll(() => pair?.close());

  function start(method: string, env: NodeJS.ProcessEnv): Cli {
    const args = ['-i', pair.interfaceName, '--attach', method];
    return startCli(pair.client, [...args, '--max-flows', String(OWN_MAP_SIZE)], { env });
  }

  async function expectNothingAttached(): Promise<void> {
    expect(await ppingFilters(pair.client, pair.interfaceName)).toEqual(NO_FILTERS);
    await until(() => mapsOfSize(OWN_MAP_SIZE) === 0, 'the maps to go, and all that holds them');
  }

  test.each(
    METHODS.flatMap((method) => [
      [method, 'thrown', THROW] as const,
      [method, 'rejected', REJECT] as const,
    ]),
  )('%s, %s in a run', async (method, _, code) => {
    const env = preloaded(onSignal(code), WAITING_FOR_EVER);
    const cli = await start(method, env).watching();
    expect(mapsOfSize(OWN_MAP_SIZE)).toBe(MAPS_OF_RUN);
    expectOneLine(await cli.end('SIGUSR2'));
    await expectNothingAttached();
  });

  test('PPING_DEBUG=1 adds the stack', async () => {
    const env = { ...preloaded(onSignal(THROW)), PPING_DEBUG: '1' };
    const cli = await start('tcx', env).watching();
    const { code, stderr } = await cli.end('SIGUSR2');
    expect(code).toBe(1);
    expect(stderr).toContain(`${LINE}TypeError: it broke\n  in two lines\n    at process.`);
  });

  test.each([
    ['tcx', 'epoll_create1', `setImmediate(() => { ${THROW} });`],
    ['clsact', 'epoll_create1', `setImmediate(() => { ${THROW} });`],
    ['clsact', 'bpf_tc_hook_create', REJECT],
    ['clsact', 'bpf_tc_attach', REJECT],
    ['tcx', 'bpf_link_create', THROW],
  ])('%s, after %s: %s', async (method, call, code) => {
    expectOneLine(await start(method, preloaded(afterCall(call, 1, code))).ended);
    await expectNothingAttached();
  });
});

function expectOneLine({ code, stdout, stderr }: Ended): void {
  // A machine that stalls may have it say, too, that there was no RTT.
  const lines = stderr.replace(/^(watching|no RTT for) .*\n/gm, '');
  expect({ code, stdout, lines }).toEqual({ code: 1, stdout: '', lines: LINE });
}
