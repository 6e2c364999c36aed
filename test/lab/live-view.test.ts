/** --live in a real terminal, over real traffic. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import ansi from 'ansi-escapes';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { pping } from '../../lab/places.js';
import { startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { onSignal, preloaded } from '../helpers/command/preload.js';
import { rowsOf, type Tmux, useTmux } from '../helpers/command/tmux.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const USUAL = { columns: 80, rows: 24 };
const PEER_ROW = /^> (10\.77\.0\.2|fd77::2) +([\d.]+ +){5}(-|[\d.]+%)? +\d+ +\ds/;
const FLOW_ROW = /^> \S*(10\.77\.0\.2|fd77::2)\S*\+\S+( +[\d.]+){5}/;

describe('the live view', () => {
  const terminal = useTmux();
  const start = useCli();
  const inFolder = useTemporaryFolder();
  let path: LabPath;

  beforeAll(async () => {
    path = await createPath({ delayUs: 5_000 });
    const ipv4 = await startServer(path, serverAddresses.ipv4);
    const ipv6 = await startServer(path, serverAddresses.ipv6);
    startClient(path, ipv4, ['--connections', '3', '--interval', '50']);
    startClient(path, ipv6, ['--connections', '1', '--interval', '100']);
  });

  afterAll(() => path?.close());

  async function open(args = '', size = USUAL, env = ''): Promise<Tmux> {
    const tmux = await terminal(size, (argv) => path.client.command(argv));
    await tmux.type(`${env} ${pping} -i ${path.interfaceName} --live ${args}`);
    return tmux;
  }

  const peersShown = (lines: readonly string[]) => rowsOf(lines, PEER_ROW).length === 2;

  test('shows peers, then flows; sorts, filters, pauses, helps', async () => {
    const tmux = await open();
    // Settings and maps are as usual: nothing is said of them.
    const heading = /^ {2}peer +Last +Min +p50 +P99 +▼Queue +reTr +Samples +Age( \d\ds)?$/;
    await tmux.meets((lines) => {
      expect(rowsOf(lines, PEER_ROW)).toHaveLength(2);
      expect(lines[0]).toMatch(
        /^pping pp0 \((tcx|clsact)\) {2}0:00:\d\d {2}\d+ packets\/s {2}\d+ +samples\/s {2}no events lost$/,
      );
      expect(lines[1]).toMatch(
        /^whole run: > beyond p50 [1-9]\d\.\d p99 \d+(\.\d)? ms {2}\d+ samples( |$)/,
      );
      // On a slow machine the figures before it need a line more.
      expect(lines.slice(2, 4).some((line) => heading.test(line))).toBe(true);
      expect(lines.join('')).toMatch(/[▁▂▃▄▅▆▇█]/);
    });

    await tmux.press('<');
    await tmux.shows(/▼P99/);
    await tmux.press('S');
    await tmux.shows(/▼Samples/);
    await tmux.press('R');
    await tmux.shows(/▲Samples/);
    await tmux.press('a');
    await tmux.meets((lines) => {
      expect(rowsOf(lines, FLOW_ROW)).toHaveLength(4);
      expect(lines[2]).toMatch(/^ {2}flow \(responder first\) +Last/);
    });

    await tmux.press('/');
    await tmux.type('fd77');
    await tmux.meets((lines) => {
      expect(lines.at(-1)).toMatch(/^1 of 4 flows \(\/fd77\)/);
      expect(rowsOf(lines, FLOW_ROW)).toHaveLength(1);
    });
    await tmux.press('Escape');
    await tmux.shows(/^4 flows /m);

    const isPaused = (lines: readonly string[]) => lines.at(-1)?.startsWith(' PAUSED ') ?? false;
    await tmux.press('p');
    const [paused] = await tmux.shows(isPaused);
    await tmux.press('?');
    await tmux.shows(/Press any key to return/);
    await tmux.press('x');
    await tmux.shows((lines) => lines[0] === paused && isPaused(lines));
    await tmux.press('p');
    await tmux.shows((lines) => lines[0] !== paused && !isPaused(lines));

    await tmux.press('q');
    await tmux.isBack();
    const after = (await tmux.screen()).join('\n');
    expect(after).toMatch(/^no events lost$/m); // the summary
    expect(await tmux.state('alternate_on')).toBe('0');
    expect(await tmux.state('cursor_flag')).toBe('1');
  });

  test('hides closed flows until they are asked for, and says how many there are', async () => {
    const service = await startServer(path, serverAddresses.ipv4);
    const tmux = await open(`--port ${service.port}`, { columns: 120, rows: 40 });
    await tmux.shows('no RTT to show');
    const client = startClient(path, service, ['--mode', 'short', '--requests', '5']);
    await client.summary;
    await tmux.press('a');
    await tmux.shows(/nothing to show.*^0 flows .* {2}c show 5 closed {2}/ms);
    await tmux.press('c');
    await tmux.meets((lines) => {
      expect(rowsOf(lines, /^> .*:/)).toHaveLength(5);
      expect(lines.at(-1)).toMatch(/^5 flows .* {2}c hide closed {2}/);
      expect(lines[1]).toMatch(new RegExp(` {2}${samplesIn(lines)} samples`));
    });
    await tmux.press('q');
    await tmux.isBack();
  });

  test('shows settings and sizes of maps that are not the default', async () => {
    const tmux = await open('--rate 10ms --max-flows 1000');
    await tmux.meets((lines) => {
      expect(lines[1]).toMatch(/^whole run: /);
      // In between may be what has answered, where that differs.
      expect(lines.slice(2, 4)).toContain('settings: --rate 10ms  --max-flows 1000');
    });
    await tmux.press('q');
    await tmux.isBack();
  });

  test('shows a map that is full', async () => {
    const tmux = await open('--max-flows 2 --cleanup-interval 100ms');
    // With what the governor makes of it.
    await tmux.shows(
      /^flow map 100 % full \(2 of 2\) {2}settings: --flow-timeout [\w.]+ {2}--max-flows 2$/m,
    );
    await tmux.press('q');
    await tmux.isBack();
  });

  test('with --who begins with the owners', async () => {
    const tmux = await open('--who', { columns: 120, rows: 40 });
    await tmux.meets((lines) => {
      expect(lines[2]).toMatch(/^ {2}owner +Last .* last minute$/);
      expect(rowsOf(lines, /^> \S.* \d+ +\ds/)).not.toEqual([]);
      expect(lines.at(-1)).toMatch(
        /^\d owners? {2}q quit {2}\? help {2}a peers {2}.* {2}R reverse$/,
      );
    });
    await tmux.press('q');
    await tmux.isBack();
  });

  test('with --aggregate has a row for each network, of the last interval, and the objects go to the file', async () => {
    const file = inFolder('run.ndjson');
    const tmux = await open(`--aggregate 1s -o ${file}`);
    const row = /^> (10\.77\.0\.0\/24|fd77::\/48) +([\d.]+ +){5}\d+ +\d+ +[▁▂▃▄▅▆▇█]+$/;
    await tmux.shows((seen) => rowsOf(seen, row).length === 2);
    await tmux.shows(/[▁▂▃▄▅▆▇█]{2}$/m);
    await tmux.meets((lines) => {
      const text = lines.join('\n');
      expect(text).toMatch(
        /^last 1s: +> beyond p50 [\d.]+ p99 [\d.]+ ms {2}\d+ samples {2}2 networks$/m,
      );
      expect(text).toMatch(/^ {2}network .* ▼P99 .* Overdue Samples /m);
      expect(lines.at(-1)).toMatch(/^2 networks {2}q quit {2}\? help {2}<> sort/);
    });
    await tmux.press('S');
    await tmux.shows(/▼Samples/);
    await tmux.press('/');
    await tmux.type('fd77');
    await tmux.shows(/1 of 2 networks \(\/fd77\)/);
    await tmux.press('q');
    await tmux.isBack();
    const types = linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line).type);
    expect(new Set(types)).toEqual(new Set(['aggregate', 'summary']));
  });

  test('with --aggregate-by owner has a row for each owner', async () => {
    const tmux = await open('--aggregate 1s --aggregate-by owner');
    await tmux.meets((lines) => {
      expect(lines.join('\n')).toMatch(/^ {2}owner +Min .* ▼P99 /m);
      expect(rowsOf(lines, /^> \S.* +([\d.]+ +){5}\d+ +\d+/)).not.toEqual([]);
      expect(lines.at(-1)).toMatch(/^\d owners? {2}q quit {2}\? help {2}<> sort/);
    });
    await tmux.press('q');
    await tmux.isBack();
  });

  test('is coloured by queueing, unless that is not wanted', async () => {
    const tmux = await open();
    await tmux.shows(peersShown);
    await path.setDelay(45_000);
    // The median has to follow.
    await until(async () => (await tmux.colors()).includes('\u001b[31m'), 'red', 60_000);
    await path.setDelay(5_000);
    await tmux.press('q');
    await tmux.isBack();

    await tmux.type('clear');
    await tmux.type(`${pping} -i ${path.interfaceName} --live --no-color`);
    await tmux.shows(peersShown);
    expect((await tmux.colors()).includes('\u001b[3')).toBe(false);
  });

  test.each([
    ['wider', { columns: 130, rows: 40 }],
    ['narrower', { columns: 60, rows: 12 }],
    ['tiny', { columns: 20, rows: 4 }],
  ])('follows the terminal: %s', async (_, size) => {
    const tmux = await open();
    await tmux.shows(peersShown);
    await tmux.resize(size);
    await tmux.meets((lines) => {
      expect(lines).toHaveLength(size.rows);
      expect(lines[0]).toMatch(/^pping pp0/);
      expect(rowsOf(lines, /^pping pp0/)).toHaveLength(1);
      expect(lines.at(-1)).toMatch(/^2 peers/);
    });
  });

  test.each([
    ['Ctrl-C', (tmux: Tmux) => tmux.press('C-c'), /^no events lost$/m],
    ['SIGTERM', () => signalOurs('SIGTERM'), /^no events lost$/m],
  ])('gives the terminal back after %s', async (_, end, said) => {
    const tmux = await open();
    await tmux.shows(peersShown);
    expect(await tmux.state('alternate_on')).toBe('1');
    await end(tmux);
    await tmux.isBack();
    expect((await tmux.screen()).join('\n')).toMatch(said);
    expect(await tmux.state('alternate_on')).toBe('0');
    expect(await tmux.state('cursor_flag')).toBe('1');
  });

  test('gives the terminal back after -s', async () => {
    const tmux = await terminal(USUAL, (argv) => path.client.command(argv));
    writeFileSync(inFolder('shown'), '');
    await tmux.record(inFolder('shown'));
    await tmux.type(`${pping} -i ${path.interfaceName} --live --no-color -s 5`);
    const shown = () => readFileSync(inFolder('shown'), 'utf8');
    const [ENTERED, LEFT] = [ansi.enterAlternativeScreen, ansi.exitAlternativeScreen];
    await until(() => shown().includes(ENTERED), 'the live view');
    await tmux.isBack();
    const [picture = ''] = shown().split(LEFT);
    for (const peer of Object.values(serverAddresses)) expect(picture).toContain(`> ${peer} `);
    expect((await tmux.screen()).join('\n')).toMatch(/^no events lost$/m);
    expect(await tmux.state('alternate_on')).toBe('0');
    expect(await tmux.state('cursor_flag')).toBe('1');
  });

  test('gives the terminal back after an error that nobody has caught, which is told below', async () => {
    const { NODE_OPTIONS } = preloaded(onSignal("throw new Error('it broke');"));
    const tmux = await open('', USUAL, `NODE_OPTIONS='${NODE_OPTIONS}'`);
    await tmux.shows(peersShown);
    await signalOurs('SIGUSR2');
    await tmux.isBack();
    expect((await tmux.screen()).join('\n')).toMatch(/^pping: it broke$/m);
    expect(await tmux.state('alternate_on')).toBe('0');
    expect(await tmux.state('cursor_flag')).toBe('1');
  });

  test('what pping has to say is on the screen, and below it afterwards', async () => {
    const tmux = await terminal(USUAL, (argv) => path.client.command(argv));
    await tmux.type(`${pping} -i lo --live`);
    await tmux.shows(/no RTT for 5 s: no packets seen/);
    await tmux.press('q');
    await tmux.isBack();
    expect((await tmux.screen()).join('\n')).toMatch(/^no RTT for 5 s: no packets seen/m);
  });

  test('with -o, the lines go to the file', async () => {
    const file = inFolder('run.ndjson');
    const tmux = await open(`-o ${file}`);
    await tmux.shows(peersShown);
    await tmux.press('q');
    await tmux.isBack();
    const types = linesOf(readFileSync(file, 'utf8')).map((line) => JSON.parse(line).type);
    expect(types.filter((type) => type === 'rtt').length).toBeGreaterThan(5);
    expect(types.at(-1)).toBe('summary');
  });

  test('a terminal that goes away ends the run, and the file is whole', async () => {
    const file = inFolder('run.ndjson');
    const tmux = await open(`-o ${file}`);
    await tmux.shows(peersShown);
    await tmux.close();
    const last = () => linesOf(readFileSync(file, 'utf8')).at(-1) ?? '';
    await until(() => last().includes('"final":true'), 'the summary');
  });

  test('is refused where there is no terminal: one line, exit 2', async () => {
    const cli = start(path.client, ['-i', path.interfaceName, '--live']);
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^pping: --live needs a terminal to draw on; [^\n]*\n$/);
  });

  /** Of the rows, by their column. */
  function samplesIn(lines: readonly string[]): number {
    const counts = lines.map((line) => /^> .* (\d+) +\d+s/.exec(line)?.[1] ?? 0);
    return counts.map(Number).reduce((sum, each) => sum + each, 0);
  }

  /** To those that watch this path, and no other. */
  async function signalOurs(signal: string): Promise<void> {
    const network = (pid: string | number) =>
      execFileSync('readlink', [`/proc/${pid}/ns/net`], { encoding: 'utf8' });
    const found = execFileSync('pgrep', ['-f', 'bin/pping -i .* --live'], { encoding: 'utf8' });
    for (const pid of linesOf(found)) {
      if (network(pid) === network(path.client.pid)) process.kill(Number(pid), signal);
    }
  }
});
