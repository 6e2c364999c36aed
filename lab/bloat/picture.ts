import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const BROWSER = '/usr/bin/chromium';
const SIZE = { width: 1200, height: 960 };

/** @returns false where there is no browser to take it with */
export async function takePicture(report: string, picture: string): Promise<boolean> {
  // A user has no need of it.
  const playwright = await import('playwright-core').catch(() => undefined);
  if (!playwright || !existsSync(BROWSER)) return false;
  const browser = await playwright.chromium.launch({
    executablePath: BROWSER,
    args: ['--no-sandbox'], // it does not run as root otherwise
  });
  try {
    const page = await browser.newPage({ viewport: SIZE });
    await page.goto(pathToFileURL(report).href);
    await page.locator('main[data-is-ready="true"]').waitFor();
    await page.screenshot({ path: picture, animations: 'disabled' });
    return true;
  } finally {
    await browser.close();
  }
}
