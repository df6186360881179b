/** After its first load the app needs no connection, loads little, and asks nobody else. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTACT, goldenHash, openWorld, runToEnd, serveApp, serveFiles, startBrowser, visit, type Site } from './harness';

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
  site.takeSent();
  const { page, context, faults } = await visit(browser, site.address);
  await page.getByRole('link', { name: `Open ${CONTACT}` }).waitFor();
  const interactive = await page.evaluate(() => performance.now());
  await openWorld(page, CONTACT);
  await page.locator('.cm-content').waitFor();
  await runToEnd(page);
  const bytes = site.takeSent();
  console.info(`first load: ${(bytes / 1e6).toFixed(2)} MB, interactive after ${interactive.toFixed(0)} ms`);
  expect(bytes).toBeLessThan(2e6);
  expect(faults).toEqual([]);
  await context.close();
});

test('the program serves the page under a policy that it keeps to', async () => {
  const { headers } = await fetch(site.address);
  expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/);
  const { page, context, faults } = await visit(browser, site.address, { serviceWorkers: 'allow' });
  await page.evaluate(() => addEventListener('securitypolicyviolation', (event) => console.error(`violates ${event.violatedDirective}`)));
  await openWorld(page, CONTACT);
  await runToEnd(page);
  await page.getByText('Kept in Runs as').waitFor();
  await page.getByRole('button', { name: 'Ledger', exact: true }).click();
  await page.getByRole('button', { name: 'On the server' }).click();
  await page.getByText('· on the server').waitFor();
  await runToEnd(page);
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('link', { name: 'contact-centre 1', exact: true }).click();
  await page.getByRole('heading', { name: 'Distributions' }).waitFor();
  expect(faults).toEqual([]);
  await context.close();
});

test('any web server will do for what runs in the browser', async () => {
  const files = await serveFiles();
  const { page, context } = await visit(browser, files.address);
  await page.getByText('in this browser').waitFor();
  await openWorld(page, CONTACT);
  expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
  await context.close();
  files.close();
});
