/** SIGHUP: an output file is opened anew, as logrotate wants it, and nothing is lost on the way. */
import { readdirSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Endpoints, serverAddresses } from '../../lab/endpoints.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { createVethPair } from '../../lab/veth.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { tableOf } from '../helpers/output/csv.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const ROTATIONS = 5;

describe('SIGHUP', () => {
  const start = useCli();
  const inFolder = useTemporaryFolder();
  let pair: Endpoints;

  beforeAll(async () => {
    pair = await createVethPair({ ipv6: false });
    const server = await startServer(pair, serverAddresses.ipv4);
    startClient(pair, server, ['--connections', '8', '--interval', '5']);
  });

  afterAll(() => pair?.close());

  const watch = (...args: string[]) =>
    start(pair.client, ['-i', pair.interfaceName, '--rate', '1ms', ...args]).watching();

  const linesIn = (path: string) => {
    try {
      return linesOf(readFileSync(path, 'utf8'));
    } catch {
      return [];
    }
  };

  test('with -o: whatever is moved away, every line is in one of the files, in order', async () => {
    const file = inFolder('run.ndjson');
    const cli = await watch('-o', file);
    const rotated: string[] = [];
    for (let rotation = 0; rotation < ROTATIONS; rotation++) {
      await until(() => linesIn(file).length > 20, 'lines');
      const name = inFolder(`run.${rotation}`);
      renameSync(file, name);
      process.kill(cli.pid, 'SIGHUP');
      rotated.push(name);
    }
    await until(() => linesIn(file).length > 0, 'the last file');
    // The last that was replaced is closed once it is written.
    const open = () => openFiles(cli.pid).filter((path) => path.startsWith(inFolder('')));
    await until(() => open().length === 1, 'the others to be closed');
    expect(open()).toEqual([file]);
    const { code, stdout } = await cli.end('SIGINT');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });

    const lines = [...rotated, file].flatMap(linesIn).map((line) => JSON.parse(line));
    const { samples, dropped_lines } = lines.at(-1);
    const rtts = lines.filter(({ type }) => type === 'rtt');
    expect({ rtts: rtts.length, dropped_lines }).toEqual({ rtts: samples, dropped_lines: 0 });
    expect(isOrderedByFlow(rtts)).toBe(true);
  });

  test('with -o *.csv: each file begins with the header, and has whole rows', async () => {
    const file = inFolder('run.csv');
    const cli = await watch('--who', '-o', file);
    const names = [inFolder('run.0'), inFolder('run.1')];
    for (const name of names) {
      await until(() => linesIn(file).length > 20, 'lines');
      renameSync(file, name);
      process.kill(cli.pid, 'SIGHUP');
    }
    await until(() => linesIn(file).length > 20, 'the last file');
    // The connections were there before: who has them is looked for.
    await until(
      () => linesIn(file).some((row) => /,\d+,node,/.test(row)),
      'a row with its process',
    );
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    const tables = [...names, file].map((name) => tableOf(readFileSync(name, 'utf8')));
    const rows = tables.flat();
    expect(rows).toHaveLength(Number(/^(\d+) samples of /m.exec(stderr)?.[1]));
    expect(rows.every((row) => row.interface === pair.interfaceName && row.rtt)).toBe(true);
    expect(rows.some(({ pid, comm }) => pid && comm)).toBe(true);
  });

  test('where the file cannot be opened: one line, and on with the one that is open', async () => {
    const folder = inFolder('logs');
    await mkdir(folder);
    const cli = await watch('-o', join(folder, 'run.ndjson'));
    rmSync(folder, { recursive: true });
    process.kill(cli.pid, 'SIGHUP');
    await until(() => cli.stderr.length > 1, 'a word');
    expect(cli.stderr[1]).toMatch(/^\/.*: no such directory; still writing to the open file$/);
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^no events lost$/m);
  });

  test('without -o it ends the run, as a terminal does that goes away', async () => {
    const cli = await watch();
    const { code, stderr } = await cli.end('SIGHUP');
    expect(code).toBe(0);
    expect(stderr).toMatch(/^no events lost$/m);
  });
});

/** The descriptors of a process that are files. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      return []; // closed meanwhile
    }
  });
}

/** Events of one flow are in the order in which they happened. */
function isOrderedByFlow(events: readonly { flow_id: number; sent_packets: number }[]): boolean {
  const latest = new Map<number, number>();
  return events.every(({ flow_id, sent_packets }) => {
    const before = latest.get(flow_id) ?? 0;
    latest.set(flow_id, sent_packets);
    return sent_packets >= before;
  });
}
