/** A report of a capture whose RTTs were counted together, in Chromium: its figures are those of the run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { repositoryRoot } from '../../lab/places.js';
import { writeReport } from '../../src/report/report.js';
import { replayHere } from '../helpers/command/in-process.js';
import { aggregateLine, summaryLine } from '../helpers/events/runs.js';
import { hasBrowser, type OpenReport, useBrowser } from '../helpers/output/browser.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const on = hasBrowser ? describe : describe.skip;
const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const FIGURES = ['p50', 'p90', 'p99', 'max'] as const;
const SIDES = ['beyond', 'behind'] as const;

interface Distribution {
  readonly samples: number;
  readonly reported: number;
  readonly rtt_p50: number;
  readonly rtt_p90: number;
  readonly rtt_p99: number;
  readonly rtt_max: number;
}
interface Summary {
  readonly beyond: Distribution;
  readonly behind: Distribution;
}

on('a report of aggregates', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();
  let report: OpenReport;
  let page: Page;
  /** Of the same capture: with aggregates, and with each RTT. */
  let counted: Summary;
  let exact: Summary;

  beforeEach(async () => {
    const replayed = async (...options: readonly string[]) =>
      (await replayHere(['-r', CAPTURE, '--format', 'ndjson', ...options])).stdout;
    const lines = await replayed('--aggregate', '500ms');
    [counted, exact] = [summaryIn(lines), summaryIn(await replayed())];
    writeFileSync(file('run.ndjson'), lines);
    await writeReport({ inputs: [file('run.ndjson')], output: file('run.html') });
    report = await open(file('run.html'));
    page = report.page;
  });

  afterEach(async () => {
    expect(report.complaints).toEqual([]);
    await page.close();
  });

  test('has the percentiles of the run, on each side', async () => {
    for (const side of SIDES) {
      await page.locator('#side label', { hasText: side }).click();
      const figures = await Promise.all(FIGURES.map((figure) => figureOf(page, figure)));
      for (const [at, figure] of FIGURES.entries()) {
        const shown = figures[at] ?? 0;
        // The summary makes a finer histogram of the middles of buckets.
        expect(differenceOf(shown, counted[side][`rtt_${figure}`] / 1e6)).toBeLessThan(1 / 500);
        expect(differenceOf(shown, exact[side][`rtt_${figure}`] / 1e6)).toBeLessThan(1 / 32);
      }
      expect(await figureOf(page, 'samples')).toBe(exact[side].samples);
      expect(await painted(page)).toMatchObject({ samples: exact[side].reported });
    }
  });

  test('has a row for each network, the worst first, and shows one when it is chosen', async () => {
    const rows = await page.locator('#aggregates-table tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split('\t').slice(0, 2))).toEqual([
      ['10.77.0.0/24', '53'],
      ['fd77::/48', '34'],
    ]);
    const view = page.locator('#view');
    const whole = await view.textContent();
    await page.getByRole('button', { name: 'fd77::/48' }).press('Enter');
    expect(await page.locator('h2').first().textContent()).toBe('RTT over time, fd77::/48');
    expect(await view.textContent()).toMatch(/^34 RTTs: min 12\.\d+ ms, p50 12\./);
    expect(await page.locator('tr.chosen td').first().textContent()).toBe('fd77::/48');
    await page.locator('#all').click();
    expect(await view.textContent()).toBe(whole);
  });

  test('shows the queue over time, and has of a part its own distribution', async () => {
    const { columns } = await painted(page);
    expect(columns).toBe(14);
    await page.getByRole('button', { name: 'Zoom in' }).click();
    expect(await page.locator('#view').textContent()).toMatch(/^\d+ RTTs from .* p50 40\./);
    expect((await painted(page)).samples).toBeLessThan(exact.beyond.reported);
    const box = await page.locator('#over-time .u-over').boundingBox();
    if (!box) throw new Error('no chart');
    await page.mouse.move(box.x + box.width / 2, box.y + 80);
    const tooltip = await page.locator('#over-time .tooltip').innerText();
    expect(tooltip).toMatch(/median 40\.\d+ ms\np99 4\d\.\d+ ms\n/);
  });

  test('can be pictured, in the dark and on a narrow screen', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 400, height: 800 });
    await page.waitForFunction('document.querySelector("#over-time").dataset.width < 400');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await page.screenshot({ path: file('run.png'), fullPage: true });
    expect(readFileSync(file('run.png')).length).toBeGreaterThan(20_000);
  });
});

on('a report of aggregates of several interfaces', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();

  test('has a row for each, others among them, and says what is to be known', async () => {
    const evil = '<img src=x onerror=document.title="hit">';
    const line = (at: { interface?: string }, count: number, fields: object = {}) =>
      aggregateLine({ atMs: 10_000, buckets: [[1_048_576, count]], at, ...fields });
    const lines = [
      ...[line({ interface: 'eth0' }, 3, { prefix: '192.0.2.0/24' }), 'not one of ours\n'],
      ...[line({ interface: evil }, 4, { prefix: '192.0.0.0/16', overdue: 2 })],
      ...[line({}, 5, { others: true, samples: 6 }), summaryLine(10_000, true, 7)],
    ];
    writeFileSync(file('run.ndjson'), lines.join(''));
    await writeReport({ inputs: [file('run.ndjson')], output: file('run.html') });
    const { page, complaints } = await open(file('run.html'));
    const rows = await page.locator('#aggregates-table tbody tr').allInnerTexts();
    const times = ['1.049', '1.049', '1.049', '1.049', '1.049'].join('\t');
    expect(rows.toSorted()).toEqual([
      `192.0.0.0/16\t${evil}\t4\t${times}\t2`,
      `192.0.2.0/24\teth0\t3\t${times}\t0`,
      `others\t\t6\t${times}\t0`,
    ]);
    expect(await page.locator('.remark').allTextContents()).toEqual([
      '1 line left out: not JSON, or not written by pping.',
      'Networks have different prefix lengths (IPv4: /16, /24): each RTT counts in one of them.',
    ]);
    expect(await figureOf(page, 'samples')).toBe(13);
    expect(await figureOf(page, 'lost')).toBe(7);
    await page.getByRole('button', { name: '192.0.2.0/24' }).click();
    expect(await page.locator('h2').first().textContent()).toBe(
      'RTT over time, 192.0.2.0/24 at eth0',
    );
    expect(complaints).toEqual([]);
    await page.close();
  });
});

/** In ms, of which the page shows three decimals. @returns a share of the truth */
function differenceOf(shown: number, truth: number): number {
  return Math.max(0, Math.abs(shown - truth) - 0.0005) / truth;
}

function summaryIn(lines: string): Summary {
  return JSON.parse(lines.trim().split('\n').at(-1) ?? '') as Summary;
}

async function figureOf(page: Page, figure: string): Promise<number> {
  return Number.parseFloat(
    (await page.locator(`.card[data-figure=${figure}] .value`).textContent()) ?? '',
  );
}

async function painted(page: Page) {
  const data = await page.evaluate<{ [name: string]: string }>(
    'new Promise((done) => requestAnimationFrame(() => done({ ...document.querySelector("#over-time").dataset })))',
  );
  return { columns: Number(data.columns), samples: Number(data.samples) };
}
