/** The report as its reader meets it: in Chromium, from a file. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { Random } from '../../lab/random.js';
import { writeReport } from '../../src/report/report.js';
import {
  governorLine,
  lossLine,
  type RttFields,
  rttLine,
  summaryLine,
} from '../helpers/events/runs.js';
import { hasBrowser, type OpenReport, useBrowser } from '../helpers/output/browser.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const on = hasBrowser ? describe : describe.skip;
const EVIL = '<img src=x onerror=document.title="hit">';
const random = new Random(3);
/** In no order of time; more beyond than behind. */
const RTTS: readonly RttFields[] = Array.from({ length: 3000 }, (_, index) => ({
  atMs: random.below(60_000),
  rtt: 5e6 + random.below(20e6) + (index === 7 ? 5e9 : 0),
  peer: index % 500 === 0 ? EVIL : `10.0.0.${index % 12}`,
  flow: index % 500 === 0 ? 999 : index % 36,
  onEgress: random.below(3) === 0,
  handshake: index % 10 === 0,
  samples: index % 100 === 1 ? 5 : 1,
}));
const BEYOND = RTTS.filter(({ onEgress }) => !onEgress);
const BEHIND = RTTS.filter(({ onEgress }) => onEgress);

on('a report', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();
  let report: OpenReport;
  let page: Page;

  beforeEach(async () => {
    const lines = [
      ...RTTS.map(rttLine),
      ...[lossLine(20_000, 12, 1), governorLine(40_000), 'not one of ours\n', summaryLine(60_000)],
    ];
    writeFileSync(file('run.ndjson'), lines.join(''));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    report = await open(request.output);
    page = report.page;
  });

  afterEach(async () => {
    expect(report.complaints).toEqual([]);
    await page.close();
  });

  test('says in its head what the run adds up to', async () => {
    expect(await page.title()).toMatch(/^RTTs on eth0, 2026-11-20 00:00:00/);
    expect(await page.locator('.period').textContent()).toMatch(/ UTC, 60 s$/);
    expect(await figures(page)).toEqual(figuresOf(BEYOND));
    expect(await page.locator('.remark').allTextContents()).toEqual([
      '1 line left out: not JSON, or not written by pping.',
    ]);
  });

  test('has a row for each peer, with the most queueing first, and sorts them', async () => {
    const expected = rowsOf(BEYOND);
    expect(await rows(page)).toEqual(expected.toSorted(byNumber(7)).toReversed());
    const heads = page.locator('#peers-table th');
    expect(await heads.nth(7).getAttribute('aria-sort')).toBe('descending');
    await heads.nth(6).getByRole('button').click();
    expect((await rows(page))[0]?.[0]).toBe(expected.toSorted(byNumber(6)).at(-1)?.[0]);
    await heads.nth(6).getByRole('button').press('Enter');
    expect(await heads.nth(6).getAttribute('aria-sort')).toBe('ascending');
    expect((await rows(page))[0]?.[0]).toBe(expected.toSorted(byNumber(6))[0]?.[0]);
    expect(await heads.nth(7).getAttribute('aria-sort')).toBeNull();
  });

  test('shows one peer when it is chosen, and all again', async () => {
    const title = page.locator('h2').first();
    expect(await title.textContent()).toBe('RTT over time, all peers');
    await page.getByRole('button', { name: '10.0.0.5', exact: true }).press('Enter');
    const ofPeer = BEYOND.filter(({ peer }) => peer === '10.0.0.5');
    expect(await title.textContent()).toBe('RTT over time, 10.0.0.5');
    expect(await page.locator('#view').textContent()).toBe(viewText(ofPeer));
    expect((await painted(page)).samples).toBe(ofPeer.length);
    expect(await page.locator('tr.chosen td').first().textContent()).toBe('10.0.0.5');
    await page.locator('#all').click();
    expect(await title.textContent()).toBe('RTT over time, all peers');
    expect(await page.locator('#view').textContent()).toBe(viewText(BEYOND));
    await page.locator('tr[data-row] td:nth-child(4)').first().click();
    expect(await title.textContent()).not.toContain('all peers');
  });

  test('keeps the sides apart', async () => {
    const labels = page.locator('#side label');
    expect(await labels.allTextContents()).toEqual([
      `beyond eth0 (${grouped(sum(BEYOND))})`,
      `behind eth0 (${grouped(sum(BEHIND))})`,
    ]);
    expect(await labels.first().locator('input').isChecked()).toBe(true);
    await labels.last().click();
    expect(await figures(page)).toEqual(figuresOf(BEHIND));
    expect((await rows(page)).toSorted(byName)).toEqual(rowsOf(BEHIND).toSorted(byName));
    expect(await page.locator('#view').textContent()).toBe(viewText(BEHIND));
  });

  test('zooms by dragging, by keys and back; what is in view has its own statistics', async () => {
    const whole = await painted(page);
    expect(whole).toMatchObject({ samples: BEYOND.length, ...extremes(BEYOND) });
    expect(whole.columns).toBeLessThanOrEqual(whole.width);
    const chart = page.locator('#over-time .u-over');
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    if (!box) throw new Error('no chart');
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 50, { steps: 4 });
    await page.mouse.up();
    const part = await painted(page);
    expect(part.samples / whole.samples).toBeCloseTo(0.25, 1);
    expect(await page.locator('#view').textContent()).toMatch(/^\d+ RTTs from 2026-11-20 00:00:1/);
    await page.locator('#over-time .u-over').dblclick();
    expect((await painted(page)).samples).toBe(BEYOND.length);
    await page.locator('#over-time').press('+');
    await page.locator('#over-time').press('ArrowRight');
    expect((await painted(page)).samples / whole.samples).toBeCloseTo(0.5, 1);
    await page.locator('#whole').click();
    expect((await painted(page)).samples).toBe(BEYOND.length);
  });

  test('marks losses and the governor, in words too', async () => {
    await page.locator('#events summary').click();
    expect(await page.locator('#events li').allInnerTexts()).toEqual([
      '2026-11-20 00:00:20.000 lost: 12 RTTs, 1 flow event',
      '2026-11-20 00:00:40.000 governor up: --rate 200ms, timestamp map 98 % full',
    ]);
    const box = await page.locator('#over-time .u-over').boundingBox();
    if (!box) throw new Error('no chart');
    // A run of 60 s, with the margin of half a percent at both ends.
    await page.mouse.move(box.x + (box.width * (20 + 0.3)) / 60.6, box.y + 80);
    const tooltip = page.locator('#over-time .tooltip');
    expect(await tooltip.innerText()).toContain('lost: 12 RTTs, 1 flow event');
    expect(await tooltip.innerText()).toContain('median');
  });

  test('is light or dark, as the system has it and as one likes; both axes; a narrow screen', async () => {
    const background = () =>
      page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.getByRole('button', { name: 'Light colours' }).click();
    expect(await background()).toBe(light);
    for (const axis of ['log', 'linear']) await page.getByText(axis, { exact: true }).click();
    await page.setViewportSize({ width: 400, height: 800 });
    await page.waitForFunction('document.querySelector("#over-time").dataset.width < 400');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    expect(await painted(page)).toMatchObject(extremes(BEYOND));
  });

  test('can be pictured and printed', async () => {
    await page.screenshot({ path: file('run.png'), fullPage: true });
    const png = readFileSync(file('run.png'));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(1200);
    expect(png.length).toBeGreaterThan(40_000);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.length).toBeGreaterThan(20_000);
  });
});

on('a report of a route that becomes longer', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();

  test('has no queueing of it, once the shorter one is forgotten', async () => {
    const lines = Array.from({ length: 100 }, (_, index) => {
      const ms = index < 10 ? 10 : 60;
      return rttLine({ atMs: index * 10_000, rtt: ms * 1e6, peer: '10.0.0.1', onEgress: false });
    });
    writeFileSync(file('run.ndjson'), lines.join('') + summaryLine(1_000_000));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    const { page } = await open(request.output);
    expect(await rows(page)).toEqual([
      ['10.0.0.1', '1', '100', '10.000', '60.000', '60.000', '60.000', '0.000'],
    ]);
    await page.close();
  });
});

on('a report of answers of several kinds', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();

  /** Of two peers: the first has a slow application, the second delays its acknowledgements. */
  const answers = (peer: string, answer: string, ms: number, times: number) =>
    Array.from({ length: times }, (_, index) =>
      rttLine({
        // So that those of two answers follow each other.
        atMs: 2 * index + (answer === 'data' ? 1 : 0),
        rtt: ms * 1e6,
        peer,
        answer,
        handshake: answer === 'handshake',
        onEgress: false,
      }),
    ).join('');

  test('has them in a table, and takes the figures of peers from those that tell the path', async () => {
    const lines = [
      ...[answers('10.0.0.1', 'handshake', 10, 5), answers('10.0.0.1', 'ack', 11, 25)],
      ...[answers('10.0.0.1', 'data', 60, 40), answers('10.0.0.2', 'ack', 50, 20)],
      ...[answers('10.0.0.2', 'data', 12, 20), summaryLine(60_000)],
    ];
    writeFileSync(file('run.ndjson'), lines.join(''));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    const { page, complaints } = await open(request.output);
    const table = () => page.locator('#answers-table tbody tr').allInnerTexts();
    const rtts = (ms: string, times: number) => Array(times).fill(`${ms}.000`).join('\t');

    // Of both together neither kind tells more than all.
    expect((await figures(page)).slice(3, 7)).toEqual([
      ...['50.000 ms', '60.000 ms', '60.000 ms', '60.000 ms'],
    ]);
    expect(await table()).toEqual([
      `bare ACKs\t45\t${rtts('11', 2)}\t${rtts('50', 3)}`,
      `handshakes\t5\t${rtts('10', 5)}`,
      `segments with data\t60\t${rtts('12', 1)}\t${rtts('60', 4)}`,
    ]);
    const shown = (await rows(page)).map(([peer, , , ...times]) => [peer, ...times]);
    expect(shown).toEqual([
      ['10.0.0.1', '10.000', '11.000', '11.000', '11.000', '1.000'],
      ['10.0.0.2', '12.000', '12.000', '12.000', '12.000', '0.000'],
    ]);
    await page.getByRole('button', { name: '10.0.0.2', exact: true }).press('Enter');
    expect(await page.locator('#answers h2').textContent()).toBe('RTTs by answer, 10.0.0.2');
    expect(await table()).toEqual([
      `bare ACKs\t20\t${rtts('50', 5)}`,
      `segments with data\t20\t${rtts('12', 5)}`,
    ]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('says what its own figures are of', async () => {
    const lines = answers('10.0.0.1', 'ack', 11, 40) + answers('10.0.0.1', 'data', 60, 40);
    writeFileSync(file('run.ndjson'), lines + summaryLine(60_000));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    const { page } = await open(request.output);
    expect((await figures(page)).slice(3, 7)).toEqual(Array(4).fill('11.000 ms'));
    const detail = page.locator('.card[data-figure=p50] .detail');
    expect(await detail.textContent()).toBe('median of ACKs, handshakes');
    await page.close();
  });

  test('has no such table where there is but one kind', async () => {
    writeFileSync(file('run.ndjson'), answers('10.0.0.1', 'ack', 10, 3) + summaryLine(60_000));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    const { page } = await open(request.output);
    expect(await page.locator('#answers').isVisible()).toBe(false);
    await page.close();
  });
});

type Row = readonly string[];

function figures(page: Page): Promise<Row> {
  return page.locator('.card .value').allTextContents();
}

function rows(page: Page): Promise<Row[]> {
  return page
    .locator('#peers-table tbody tr')
    .evaluateAll((all: { children: Iterable<{ textContent: string }> }[]) =>
      all.map((row) => Array.from(row.children, (cell) => cell.textContent)),
    );
}

async function painted(page: Page) {
  const data = await page.evaluate<{ [name: string]: string }>(
    'new Promise((done) => requestAnimationFrame(() => done({ ...document.querySelector("#over-time").dataset })))',
  );
  const number = (name: string) => Number(data[name]);
  return {
    width: number('width'),
    columns: number('columns'),
    samples: number('samples'),
    least: number('least'),
    most: number('most'),
  };
}

function figuresOf(rtts: readonly RttFields[]): Row {
  const sorted = sortedOf(rtts);
  return [
    grouped(sum(rtts)),
    ...[distinct(rtts.map(({ flow }) => flow)), distinct(rtts.map(({ peer }) => peer))].map(String),
    ...[50, 90, 99, 100].map((percent) => `${ms(nearest(sorted, percent))} ms`),
    '12',
  ];
}

function rowsOf(rtts: readonly RttFields[]): Row[] {
  return [...new Set(rtts.map(({ peer = '' }) => peer))].map((peer) => {
    const own = rtts.filter((each) => each.peer === peer);
    const sorted = sortedOf(own);
    const [least = 0] = sorted;
    const median = nearest(sorted, 50);
    return [
      ...[peer, String(distinct(own.map(({ flow }) => flow))), grouped(sum(own))],
      ...[least, median, nearest(sorted, 99), nearest(sorted, 100), median - least].map(ms),
    ];
  });
}

function viewText(rtts: readonly RttFields[]): string {
  const sorted = sortedOf(rtts);
  const [least, median, p99, most] = [0, 50, 99, 100].map((percent) =>
    ms(nearest(sorted, percent)),
  );
  return `${grouped(sorted.length)} RTTs: min ${least} ms, p50 ${median} ms, p99 ${p99} ms, max ${most} ms`;
}

function extremes(rtts: readonly RttFields[]) {
  const sorted = sortedOf(rtts);
  return { least: sorted[0], most: sorted.at(-1) };
}

const sortedOf = (rtts: readonly RttFields[]) => rtts.map(({ rtt }) => rtt).sort((a, b) => a - b);
const nearest = (sorted: readonly number[], percent: number) =>
  sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? Number.NaN;
const sum = (rtts: readonly RttFields[]) =>
  rtts.reduce((total, { samples = 1 }) => total + samples, 0);
const distinct = (values: readonly unknown[]) => new Set(values).size;
const grouped = (count: number) => count.toLocaleString('en');
const ms = (ns: number) =>
  (ns / 1e6).toLocaleString('en', { minimumFractionDigits: 3, maximumFractionDigits: 3 });
const numberIn = (row: Row, column: number) => Number(row[column]?.replace(/,/g, ''));
const byNumber = (column: number) => (a: Row, b: Row) => numberIn(a, column) - numberIn(b, column);
const byName = ([a = '']: Row, [b = '']: Row) => (a < b ? -1 : 1);
