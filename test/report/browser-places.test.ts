/** A report of a run that was seen at several places, as its reader meets it. */
import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { writeReport } from '../../src/report/report.js';
import { type RttFields, rttLine, summaryLine, visibilityLine } from '../helpers/events/runs.js';
import { hasBrowser, useBrowser } from '../helpers/output/browser.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const on = hasBrowser ? describe : describe.skip;
const WAN = { interface: 'wan' };
const LAN = { interface: 'lan' };

on('a report of several interfaces', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();

  async function opened(...lines: string[]) {
    writeFileSync(file('run.ndjson'), lines.join(''));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    return open(request.output);
  }

  test('lists them, and shows one when it is chosen, and all again', async () => {
    const { page, complaints } = await opened(
      ...[rtts(100, 20, { at: WAN }), rtts(50, 4, { at: LAN, flow: 2, peer: '10.0.0.2' })],
      ...[rtts(50, 5, { at: LAN, flow: 3 }), of('lan', visibilityLine(1, 'hidden', []))],
      of('wan', summaryLine(60_000)),
    );
    expect(await page.locator('#places h2').textContent()).toBe('Seen at 2 interfaces');
    expect(await places(page)).toEqual([
      ['all', '200', '4.000', '5.000', '20.000'],
      ['wan', '100', '20.000', '20.000', '20.000'],
      ['lan', '100', '4.000', '4.000', '5.000'],
    ]);
    expect(await told(page)).toEqual({
      chosen: 'all',
      title: 'RTTs on wan, lan',
      side: 'Path beyond the interface',
      figures: ['200', '3', '2', '5.000 ms'],
      view: 'RTT over time, all peers at 2 interfaces',
      peers: '2 peers, one row for each place where it was seen',
      rows: ['10.0.0.1 wan 100', '10.0.0.2 lan 50', '10.0.0.1 lan 50'].sort(),
      events: ['lan: packets hidden from pping on ingress'],
    });

    await page.getByRole('button', { name: 'wan', exact: true }).press('Enter');
    expect(await told(page)).toEqual({
      chosen: 'wan',
      title: 'RTTs on wan',
      side: 'Path beyond wan',
      figures: ['100', '1', '1', '20.000 ms'],
      view: 'RTT over time, all peers at wan',
      peers: '1 peer',
      rows: ['10.0.0.1 wan 100'],
      events: [],
    });
    expect(await page.locator('#view').textContent()).toMatch(/^100 RTTs: min 20.000 ms/);
    expect(await page.title()).toMatch(/^RTTs on wan, 2026-11-20/);

    await page.locator('tr[data-place="1"] td').nth(2).click();
    expect(await told(page)).toMatchObject({
      chosen: 'lan',
      figures: ['100', '2', '2', '4.000 ms'],
      events: ['packets hidden from pping on ingress'],
    });
    await page.locator('tr[data-place="1"] td').nth(2).click();
    expect(await told(page)).toMatchObject({ chosen: 'all', title: 'RTTs on wan, lan' });
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('keeps the peer, as it is seen at the place that is chosen', async () => {
    const { page } = await opened(
      ...[rtts(3, 20, { at: WAN }), rtts(3, 4, { at: LAN, flow: 2 })],
      rtts(3, 7, { at: LAN, flow: 3, peer: '10.0.0.2' }),
    );
    const view = page.locator('h2', { hasText: 'RTT over time' });
    const facts = page.locator('#view');
    await page.locator('#peers-table tr', { hasText: 'wan' }).getByRole('button').click();
    expect(await view.textContent()).toBe('RTT over time, 10.0.0.1 at wan');
    expect(await facts.textContent()).toContain('p50 20.000 ms');
    await page.getByRole('button', { name: 'lan', exact: true }).click();
    expect(await view.textContent()).toBe('RTT over time, 10.0.0.1 at lan');
    expect(await facts.textContent()).toContain('p50 4.000 ms');
    await page.getByRole('button', { name: '10.0.0.2', exact: true }).click();
    await page.getByRole('button', { name: 'wan', exact: true }).click();
    expect(await view.textContent()).toBe('RTT over time, all peers at wan');
    await page.close();
  });

  test('says what the percentiles of each place are of, where these are not alike', async () => {
    const { page } = await opened(
      ...[rtts(40, 5, { at: WAN, answer: 'ack' }), rtts(40, 30, { at: WAN, answer: 'data' })],
      rtts(5, 4, { at: LAN, answer: 'data', flow: 2 }),
    );
    expect(await places(page)).toEqual([
      ['all', '85', '4.000', '5.000', '5.000', 'ACKs, handshakes'],
      ['wan', '80', '5.000', '5.000', '5.000', 'ACKs, handshakes'],
      ['lan', '5', '4.000', '4.000', '4.000', 'all'],
    ]);
    await page.close();
  });

  test('takes another side where a place has only that', async () => {
    const { page } = await opened(
      ...[rtts(40, 5, { at: WAN, answer: 'ack' }), rtts(40, 30, { at: WAN, answer: 'data' })],
      rtts(10, 9, { at: LAN, flow: 2, onEgress: true }),
    );
    expect(await page.locator('#side label').allTextContents()).toEqual([
      ...['beyond the interface (80)', 'behind the interface (10)'],
    ]);
    expect(await places(page)).toEqual([
      ['all', '80', '5.000', '5.000', '5.000'],
      ['wan', '80', '5.000', '5.000', '5.000'],
      ['lan', '0', '', '', ''],
    ]);
    const lan = page.getByRole('button', { name: 'lan', exact: true });
    await lan.press('Enter');
    expect(await told(page)).toMatchObject({ chosen: 'lan', side: 'Path behind lan' });
    expect((await places(page))[2]).toEqual(['lan', '10', '9.000', '9.000', '9.000']);
    expect(await lan.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(
      true,
    );
    await page.getByRole('button', { name: 'wan', exact: true }).press('Enter');
    expect(await told(page)).toMatchObject({ chosen: 'wan', side: 'Path beyond wan' });
    await page.close();
  });

  test('of several captures, too', async () => {
    const { page } = await opened(
      ...[rtts(1, 5, { at: { capture: 'a.pcapng', ...WAN } })],
      ...[rtts(1, 6, { at: { capture: 'b.pcapng', ...WAN } }), rtts(1, 7, { at: {} })],
    );
    expect((await places(page)).map(([name]) => name)).toEqual([
      ...['all', 'a.pcapng wan', 'b.pcapng wan', 'elsewhere'],
    ]);
    await page.getByRole('button', { name: 'b.pcapng wan' }).click();
    expect(await told(page)).toMatchObject({
      title: 'RTTs on wan of b.pcapng',
      side: 'Path beyond wan',
      view: 'RTT over time, all peers at b.pcapng wan',
    });
    await page.getByRole('button', { name: 'elsewhere' }).click();
    expect((await told(page)).title).toBe('RTTs seen elsewhere');
    await page.close();
  });

  test('of one interface has nothing of this', async () => {
    const { page } = await opened(rtts(3, 5, {}));
    expect(await page.locator('#places').count()).toBe(0);
    expect(await page.locator('#peers-table th').count()).toBe(8);
    expect(await page.locator('h2', { hasText: 'RTT over time' }).textContent()).toBe(
      'RTT over time, all peers',
    );
    await page.close();
  });
});

function rtts(count: number, ms: number, fields: Partial<RttFields>): string {
  const each = (_: unknown, index: number) =>
    rttLine({ atMs: index, rtt: ms * 1e6, onEgress: false, ...fields });
  return Array.from({ length: count }, each).join('');
}

function of(name: string, line: string): string {
  return line.replace('"eth0"', JSON.stringify(name));
}

async function places(page: Page): Promise<string[][]> {
  const rows = await page.locator('#places-table tbody tr').allInnerTexts();
  return rows.map((row) => row.split('\t'));
}

async function told(page: Page) {
  const text = (selector: string) => page.locator(selector).textContent();
  const rows = await page.locator('#peers-table tbody tr').allInnerTexts();
  const events = await page.locator('#events li').allTextContents();
  return {
    chosen: await text('#places-table tr:has([aria-pressed="true"]) td:first-child'),
    title: await text('h1'),
    side: await text('.side'),
    figures: (await page.locator('.card .value').allTextContents()).slice(0, 4),
    view: await text('h2:text("RTT over time")'),
    peers: await text('section:has(#peers-table) h2'),
    rows: rows
      .map((row) => row.split('\t'))
      .map((row) => `${row[0]} ${row[1]} ${row[3]}`)
      .sort(),
    events: events.map((event) => event.replace(/^.{23} /, '')),
  };
}
