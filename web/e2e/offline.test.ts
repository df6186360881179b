/** After its first load the app needs no connection, loads little, and asks nobody else. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTACT, goldenHash, openWorld, runToEnd, serveApp, startBrowser, visit, type Site } from './harness';

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveApp(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test('without a connection the page still opens and runs a world', async () => {
  const { page, context } = await visit(browser, site.address, { serviceWorkers: 'allow' });
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  await page.reload();
  await openWorld(page, CONTACT);
  expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
  await context.close();
});

test('the first load is at most 2 MB, and from here alone', async () => {
  site.sent.clear();
  const elsewhere: string[] = [];
  const { page, context } = await visit(browser, 'about:blank');
  page.on('request', (request) => {
    if (!request.url().startsWith(site.address) && !/^(blob|data):/.test(request.url())) elsewhere.push(request.url());
  });
  await page.goto(site.address);
  await page.getByRole('link', { name: `Open ${CONTACT}` }).waitFor();
  const interactive = await page.evaluate(() => performance.now());
  await openWorld(page, CONTACT);
  await page.locator('.cm-content').waitFor();
  await runToEnd(page);
  const bytes = [...site.sent.values()].reduce((sum, size) => sum + size, 0);
  console.info(`first load: ${(bytes / 1e6).toFixed(2)} MB, interactive after ${interactive.toFixed(0)} ms`);
  expect(bytes).toBeLessThan(2e6);
  expect(elsewhere).toEqual([]);
  expect(site.missing.filter((path) => !path.startsWith('/api/'))).toEqual([]);
  await context.close();
});
