/** A report of a run with RTTs of several protocols, as its reader meets it: those of one at a time. */
import { writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { writeReport } from '../../src/report/report.js';
import { aggregateLine, dnsLine, type RttFields, rttLine } from '../helpers/events/runs.js';
import { hasBrowser, useBrowser } from '../helpers/output/browser.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const on = hasBrowser ? describe : describe.skip;
const ICMP = { protocol: 'ICMP', answer: 'reply', flow: 2 };

function rtts(count: number, ms: number, fields: Partial<RttFields> = {}): string {
  const each = (_: unknown, index: number) =>
    rttLine({ atMs: index, rtt: ms * 1e6, onEgress: false, ...fields });
  return Array.from({ length: count }, each).join('');
}

on('a report of several protocols', () => {
  const file = useTemporaryFolder();
  const open = useBrowser();

  async function opened(...lines: string[]): Promise<Page> {
    writeFileSync(file('run.ndjson'), lines.join(''));
    const request = { inputs: [file('run.ndjson')], output: file('run.html') };
    await writeReport(request);
    return (await open(request.output)).page;
  }

  const figures = async (page: Page) => {
    const values = page.locator('.card .value');
    return (await values.allTextContents()).slice(0, 6);
  };
  const sides = (page: Page) => page.locator('#side label');

  test('shows one of them, and the other when it is chosen', async () => {
    const page = await opened(
      ...[rtts(30, 40), rtts(20, 3, ICMP), rtts(5, 7, { ...ICMP, onEgress: true })],
    );
    expect(await sides(page).allTextContents()).toEqual([
      ...['beyond eth0, TCP (30)', 'beyond eth0, ICMP (20)', 'behind eth0, ICMP (5)'],
    ]);
    expect(await figures(page)).toEqual(['30', '1', '1', '40.000 ms', '40.000 ms', '40.000 ms']);
    await sides(page).nth(1).click();
    expect(await figures(page)).toEqual(['20', '1', '1', '3.000 ms', '3.000 ms', '3.000 ms']);
    expect(await page.locator('#view').textContent()).toMatch(/^20 RTTs: min 3.000 ms/);
    expect(await page.locator('#peers-table tbody tr').count()).toBe(1);
    await page.close();
  });

  test('replies are no ACKs: nothing is told of what answered', async () => {
    const page = await opened(
      ...[rtts(30, 40, { answer: 'ack' }), rtts(30, 60, { answer: 'data' }), rtts(20, 3, ICMP)],
    );
    await sides(page).first().click();
    const rows = page.locator('#answers-table tbody tr td:nth-child(2)');
    expect(await rows.allTextContents()).toEqual(['30', '30']);
    await sides(page).last().click();
    expect(await page.locator('#answers').isVisible()).toBe(false);
    await page.close();
  });

  test('of QUIC there are handshakes and the spin bit', async () => {
    const quic = { protocol: 'QUIC', flow: 3 };
    const page = await opened(
      rtts(30, 40, { ...quic, answer: 'handshake', handshake: true }),
      rtts(30, 60, { ...quic, answer: 'data' }),
    );
    const names = page.locator('#answers-table tbody tr td:first-child');
    expect(await names.allTextContents()).toEqual(['handshakes', 'spin bit']);
    expect(await page.locator('#answers .note').textContent()).toContain('The spin bit changes');
    await page.close();
  });

  test('of one that is not TCP names it', async () => {
    const page = await opened(rtts(20, 3, ICMP));
    expect(await page.locator('.side').textContent()).toBe('Path beyond eth0, ICMP');
    await page.close();
  });

  test('of aggregates, too', async () => {
    const prefix = '192.0.2.0/24';
    const of = (protocol: string | undefined, from: number, count: number) =>
      aggregateLine({ atMs: 10_000, prefix, protocol, buckets: [[from, count]] });
    const page = await opened(of('TCP', 2 ** 25, 9), of('ICMP', 2 ** 22, 4));
    expect(await sides(page).allTextContents()).toEqual([
      ...['beyond eth0, TCP (9)', 'beyond eth0, ICMP (4)'],
    ]);
    await sides(page).last().click();
    expect((await figures(page)).slice(0, 2)).toEqual(['4', '1']);
    expect((await figures(page))[5]).toBe('4.194 ms');
    expect(await page.locator('tr[data-row]').count()).toBe(1);
    await page.locator('tr[data-row] td').nth(2).click();
    expect(await page.locator('#view').textContent()).toMatch(/^4 RTTs/);
    await page.close();
  });

  const cells = async (page: Page) => {
    const rows = await page.locator('#resolvers-table tbody tr').all();
    return Promise.all(rows.map((row) => row.locator('td').allTextContents()));
  };
  const DNS = [
    ...[10, 20, 30].map((ms) => dnsLine({ atMs: ms, time: ms * 1e6 })),
    dnsLine({ atMs: 40, time: 40e6, rcode: 'SERVFAIL', port: 5_353 }),
    dnsLine({ atMs: 50, time: undefined }),
  ];
  const RESOLVERS = [
    ['10.0.0.53', 'beyond', '4', '1', '0', '10.000', '20.000', '30.000', '30.000'],
    ['10.0.0.53:5353', 'beyond', '1', '0', '1', '40.000', '40.000', '40.000', '40.000'],
  ];

  test('response times of DNS are a table by themselves, beside RTTs', async () => {
    const page = await opened(rtts(30, 40), ...DNS);
    expect(await cells(page)).toEqual(RESOLVERS);
    expect(await figures(page)).toEqual(['30', '1', '1', '40.000 ms', '40.000 ms', '40.000 ms']);
    await page.locator('#resolvers-table th button', { hasText: 'p99' }).click();
    expect((await cells(page)).map(([name]) => name)).toEqual(['10.0.0.53:5353', '10.0.0.53']);
    await page.close();
  });

  test('of DNS alone there is nothing else', async () => {
    const page = await opened(...DNS);
    expect(await page.title()).toMatch(/^DNS response times, /);
    expect(await cells(page)).toEqual(RESOLVERS);
    expect(await page.locator('footer').textContent()).toContain(': 5 queries.');
    expect(await page.locator('section').count()).toBe(1);
    await page.close();
  });

  test('without DNS there is no such table', async () => {
    const page = await opened(rtts(30, 40));
    expect(await page.locator('#resolvers').count()).toBe(0);
    await page.close();
  });
});
