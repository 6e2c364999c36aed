/** A report of a million samples is whole, and opens. How fast it is, is told, not judged. */
import { execFile } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { Random } from '../../lab/random.js';
import type { ReportResult } from '../../src/report/report.js';
import { RUN_START_S, rttLine, timeAt } from '../helpers/events/runs.js';
import { hasBrowser, useBrowser } from '../helpers/output/browser.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(600_000);

const SAMPLES = 1_000_000;
const PEERS = 1000;
const on = hasBrowser ? describe : describe.skip;

on('a million samples', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();

  test('are all in the picture', async () => {
    const run = file('run.ndjson');
    const extremes = writeRun(run);
    const started = performance.now();
    const result = await writtenOutside(run, file('run.html'));
    const written = performance.now() - started;
    expect(result).toMatchObject({ samples: SAMPLES, peers: PEERS, skippedLines: 0 });

    const { page, complaints } = await open(file('run.html'));
    const opened = performance.now() - started - written;
    const whole = await painted(page.evaluate(DATA));
    expect(whole).toMatchObject({ samples: SAMPLES, ...extremes });
    expect(whole.columns).toBeLessThanOrEqual(whole.width);
    expect(whole.columns).toBeGreaterThan(0.9 * whole.width);
    expect(await page.locator('#peers-table tbody tr').count()).toBe(200);
    await page.locator('#show-all').click();
    expect(await page.locator('#peers-table tbody tr').count()).toBe(PEERS);

    const zoomed = await page.evaluate<number>(ZOOM);
    const half = await painted(page.evaluate(DATA));
    expect(half.samples / SAMPLES).toBeCloseTo(0.5, 1);
    expect(complaints).toEqual([]);
    console.info(
      `a million samples: ${(result.bytes / 1e6).toFixed(1)} MB in ${(written / 1000).toFixed(1)} s, ` +
        `opened in ${(opened / 1000).toFixed(1)} s; painted in ${whole.ms} ms, ` +
        `zoomed in ${zoomed.toFixed(0)} ms, of which painted in ${half.ms} ms`,
    );
    await page.close();
  });
});

const DATA = `new Promise((done) => requestAnimationFrame(
  () => done({ ...document.querySelector('#over-time').dataset })))`;
/** All that a zoom does, the distribution included, until it is painted. */
const ZOOM = `new Promise((done) => {
  const started = performance.now();
  document.querySelector('[aria-label="Zoom in"]').click();
  requestAnimationFrame(() => done(performance.now() - started));
})`;

async function painted(data: Promise<unknown>) {
  const number = ([name, value]: [string, string]) => [name, Number(value)];
  const entries = Object.entries((await data) as { [name: string]: string });
  return Object.fromEntries(entries.map(number)) as {
    [name in 'width' | 'columns' | 'samples' | 'least' | 'most' | 'ms']: number;
  };
}

/** In a process of its own, as users have it: jest's sandbox makes it three times as slow. */
async function writtenOutside(input: string, output: string): Promise<ReportResult> {
  const program = `import { writeReport } from '${repositoryRoot}/dist/src/report/report.js';
    const [input, output] = process.argv.slice(1);
    console.log(JSON.stringify(await writeReport({ inputs: [input], output })));`;
  const argv = ['--input-type=module', '-e', program, input, output];
  const { stdout } = await promisify(execFile)(process.execPath, argv);
  return JSON.parse(stdout) as ReportResult;
}

/** Slightly out of order, as several processors deliver them; one outlier. */
function writeRun(path: string) {
  const random = new Random(4);
  const fd = openSync(path, 'w');
  const [head = '', middle = '', tail = ''] = rttLine({ atMs: 0, rtt: 0, onEgress: false })
    .replace(timeAt(0), '@')
    .replace(/"flow_id".*"rtt":0/, '@')
    .split('@');
  let least = Number.POSITIVE_INFINITY;
  let lines = '';
  for (let index = 0; index < SAMPLES; index++) {
    const rtt = index === 654_321 ? 7e9 : 1e6 + random.below(1000) * random.below(100_000);
    if (rtt < least) least = rtt;
    const ms = index * 3 + random.below(20);
    const time = `${RUN_START_S + (ms - (ms % 1000)) / 1000}${String(ms % 1000).padStart(3, '0')}000000`;
    const peer = `10.0.${(index % PEERS) >> 8}.${(index % PEERS) & 255}`;
    lines += `${head}${time}${middle}"flow_id":${index % 50_000},"src_ip":"${peer}","rtt":${rtt}${tail}`;
    if (lines.length < 1 << 20) continue;
    writeSync(fd, lines);
    lines = '';
  }
  writeSync(fd, lines);
  closeSync(fd);
  return { least, most: 7e9 };
}
