/** More interfaces than there may be open files for. */
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { NO_FILTERS, ppingFilters } from '../../lab/attached.js';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { until } from '../../lab/until.js';
import { useCli } from '../helpers/command/cli.js';
import { batch } from '../helpers/kernel/links.js';

jest.setTimeout(240_000);

const ALL = Array.from({ length: 100 }, (_, place) => `br${place}`);
const REASON = 'close to the limit of open files; raise it with ulimit -n';

const start = useCli();
let namespace: Namespace;

/** In the namespace. */
function create(names: readonly string[]): Promise<void> {
  return batch(
    namespace,
    names.map((name) => `link add ${name} type bridge`),
  );
}

beforeAll(async () => {
  namespace = await createNamespace();
  await create(ALL);
});

test('those that were refused are watched once there is room for them', async () => {
  const cli = start(namespace, ['-i', 'br*', '--format', 'ndjson'], {
    through: ['prlimit', '--nofile=110'],
  });
  const named = (change: string) =>
    cli.stdout
      .filter((line) => line.includes(`"change":"${change}"`))
      .map((line) => (JSON.parse(line) as { interface: string }).interface);
  await cli.said('interfaces ');
  const refused = new Set(named('refused'));
  const gone = ALL.filter((name) => !refused.has(name)).slice(0, 5);
  try {
    await batch(
      namespace,
      gone.map((name) => `link del ${name}`),
    );
    const isHad = () => named('attached').some((name) => refused.has(name));
    await until(isHad, 'one of those that were refused');
    const { code } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const told = named('refused');
    expect(told).toHaveLength(new Set(told).size);
  } finally {
    await create(gone);
  }
});

afterAll(async () => {
  await namespace?.close();
});

test.each(['tcx', 'clsact'])('%s: the others are refused, and the run goes on', async (method) => {
  const through = ['prlimit', '--nofile=110'];
  const cli = start(namespace, ['-i', 'br*', '--attach', method, '--format', 'ndjson'], {
    through,
  });
  await cli.said('interfaces ');
  const { code, stdout, stderr } = await cli.end('SIGINT');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^no events lost$/m)]);
  expect(stderr).toMatch(
    new RegExp(`^interfaces br\\d+ .* and \\d+ more are not watched: ${REASON}$`, 'm'),
  );
  const changes = stdout.split('\n').filter((line) => line.includes('"change":"refused"'));
  expect(changes.length).toBeGreaterThan(5);
  expect(await Promise.all(ALL.map((name) => ppingFilters(namespace, name)))).toEqual(
    ALL.map(() => NO_FILTERS),
  );
});
