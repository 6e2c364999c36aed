/** Resolvers in the live view, in a real terminal, over real queries. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { pping } from '../../lab/places.js';
import { rowsOf, type Size, type Tmux, useTmux } from '../helpers/command/tmux.js';
import {
  askTwice,
  dig,
  NAMES,
  requireDns,
  startFailing,
  startResolver,
} from '../helpers/lab/dns.js';

jest.setTimeout(240_000);

const HEADING = /^ {2}DNS resolver +Last +Min *▼p50 +P99 +Failed +Unanswered +Queries +Age/;
const ROW = /^> (10\.77\.0\.2|fd77::2) +([\d.]+ +){4}\d+ +\d+ +\d+ +\d+s/;

describe('resolvers in the live view', () => {
  const terminal = useTmux();
  let path: LabPath;

  beforeAll(async () => {
    requireDns();
    path = await createPath({ delayUs: 10_000 });
    await startFailing(path.server);
    await startResolver(path.server);
  });

  afterAll(() => path?.close());

  async function open(args: string, size: Size): Promise<Tmux> {
    const tmux = await terminal(size, (argv) => path.client.command(argv));
    await tmux.type(`${pping} -i ${path.interfaceName} --live ${args}`);
    return tmux;
  }

  async function ask(): Promise<void> {
    for (const server of [serverAddresses.ipv4, serverAddresses.ipv6]) {
      for (const name of [NAMES.known, NAMES.unknown, NAMES.failing]) {
        await dig(path.client, server, [name]);
      }
    }
  }

  test.each([
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
  ])('alone, in $columns columns', async (size) => {
    const tmux = await open('--protocol dns', size);
    await tmux.shows('no query to show');
    await ask();
    const screen = await tmux.meets((lines) => {
      expect(lines[0]).toMatch(/ \d+ responses\/s {2}no events lost$/);
      expect(lines[1]).toMatch(
        /^whole run: DNS p50 (?:[2-9]\d\.\d|\d{3,}) p99 [\d.]+ ms {2}6 responses {2}2 SERVFAIL$/,
      );
      expect(lines.some((line) => HEADING.test(line))).toBe(true);
      const counts = rowsOf(lines, ROW).map((row) => row.split(/ +/).slice(6, 9));
      expect(counts).toEqual(Array(2).fill(['1', '0', '3']));
    });
    expect(screen.join('\n')).not.toMatch(/RTT|samples/);
    await tmux.press('F');
    await tmux.shows(/▼Failed/);
    await tmux.press('/');
    await tmux.type('fd77');
    await tmux.shows(/1 of 2 resolvers \(\/fd77\)/);
    await tmux.press('q');
    await tmux.isBack();
  });

  test('beside others they are one of the kinds of rows', async () => {
    const tmux = await open('--protocol tcp,dns', { columns: 80, rows: 24 });
    await tmux.shows('no RTT to show');
    await ask();
    await tmux.press('a', 'a');
    await tmux.meets((lines) => {
      expect(rowsOf(lines, ROW)).toHaveLength(2);
      expect(lines.join('\n')).toMatch(/^no RTT yet\n {11}DNS p50 /m);
    });
    await tmux.press('a');
    await tmux.shows(/^ {2}peer +.*▼Queue/m);
    await tmux.press('q');
    await tmux.isBack();
  });

  const COUNTED_HEADING = /^ {2}DNS resolvers +Min +p50 +p90 +▼P99 +maX +Failed Unanswered Queries/;
  const COUNTED_ROW = /^> (10\.77\.0\.0\/24|fd77::\/48) +([\d.]+ +){5}\d+ +\d+ +[1-9]\d*\b/;

  test('alone and counted in the kernel, they are networks of the last interval', async () => {
    const tmux = await open('--protocol dns --aggregate 2s', { columns: 80, rows: 24 });
    await tmux.shows(
      'no query to show: none in the last interval, or the first one is not over yet',
    );
    // Intervals end by themselves: until there is one in which both were asked.
    const screen = await tmux.meets((lines) => {
      expect(rowsOf(lines, COUNTED_ROW)).toHaveLength(2);
      expect(lines[0]).toMatch(/ \d+ responses\/s {2}no events lost$/);
      expect(rowsOf(lines, COUNTED_HEADING)).toHaveLength(1);
      const text = lines.join('\n');
      expect(text).toMatch(
        /^whole run: DNS p50 (?:[2-9]\d\.\d|\d{3,}) p99 [\d.]+ ms {2}\d+ responses /m,
      );
      expect(text).toMatch(
        /^last [\d.]+s: +> beyond DNS p50 (?:[2-9]\d\.\d|\d{3,}) p99 [\d.]+ ms/m,
      );
      expect(text).toMatch(/^2 networks {2}q quit/m);
    }, ask);
    expect(screen.join('\n')).not.toMatch(/RTT|samples/);
    await tmux.press('q');
    await tmux.isBack();
  });

  test('beside others and counted in the kernel, a key shows them', async () => {
    const tmux = await open('--protocol tcp,dns --aggregate 2s', { columns: 100, rows: 24 });
    await tmux.shows(/no RTT to show[\s\S]* a resolvers /);
    await tmux.press('a');
    await tmux.meets((lines) => {
      expect(rowsOf(lines, COUNTED_ROW)).toHaveLength(2);
      expect(lines.join('\n')).toMatch(/^2 networks {2}q quit {2}\? help {2}a networks /m);
    }, ask);
    const sentAgain = /^> 10\.77\.0\.0\/24 .* \d[\d.]*% +\d+ +\d+ +\d+\b/;
    await tmux.meets(
      (lines) => {
        expect(rowsOf(lines, sentAgain)).toHaveLength(1);
        expect(lines.join('\n')).toMatch(/^ {2}DNS resolvers .* maX +reTr +Failed /m);
      },
      () => askTwice(path.client, serverAddresses.ipv4),
    );
    await tmux.press('a');
    await tmux.shows(/^ {2}network +.* Overdue Samples/m);
    await tmux.press('q');
    await tmux.isBack();
  });
});
