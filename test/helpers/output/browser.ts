/** A report in a real browser, and everything about it that should not be. */
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
/** On a busy machine all takes long: so long takes only what never comes. */
const DEADLINE_MS = 150_000;

export const hasBrowser = existsSync(CHROMIUM);

export interface OpenReport {
  readonly page: Page;
  /** Warnings, errors, exceptions, and requests beside the file itself. */
  readonly complaints: readonly string[];
}

/** @returns what opens a report and waits until it is drawn */
export function useBrowser() {
  let browser: Browser | undefined;
  beforeAll(async () => {
    // Chromium's own sandbox refuses to be started by root.
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox'],
      timeout: DEADLINE_MS,
    });
  });
  afterAll(() => browser?.close());

  return async (path: string, options: BrowserContextOptions = {}): Promise<OpenReport> => {
    const page = await (browser as Browser).newPage({
      viewport: { width: 1200, height: 900 },
      ...options,
    });
    page.setDefaultTimeout(DEADLINE_MS);
    const complaints: string[] = [];
    const url = pathToFileURL(path).href;
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (request.url() !== url) complaints.push(`requested ${request.url()}`);
    });
    await page.goto(url);
    await page.locator('main[data-is-ready="true"]').waitFor();
    return { page, complaints };
  };
}
