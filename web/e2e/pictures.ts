/** The pictures of `docs/images`, taken of the app as it is: `npm run pictures -w app` in web/. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { CONTACT, eventually, goTo, openWorld, position, runToEnd, serveApp, setSpeed, startBrowser, visit, type Site } from './harness';

const FOLDER = process.env['PICTURES'] ? `${process.env['PICTURES']}/` : fileURLToPath(new URL('../../docs/images/', import.meta.url));

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveApp(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const MOVING = { reducedMotion: 'no-preference' } as const;

function take(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: `${FOLDER}${name}.png` });
}

/** Plays the contact centre in its busiest hour. */
async function busy(page: Page): Promise<void> {
  await openWorld(page, CONTACT);
  await setSpeed(page, '600');
  await goTo(page, '4h40m');
  await page.keyboard.press('Space');
  await eventually(() => position(page), (time) => time > '04:50:00');
  await page.mouse.move(0, 0);
}

test('a world in motion', async () => {
  const { page, context } = await visit(browser, site.address, MOVING);
  await openWorld(page, 'Insurance claims, replayed through a new office');
  await setSpeed(page, '10000');
  await goTo(page, 'day 4 14:00');
  await page.keyboard.press('Space');
  await eventually(() => position(page), (time) => time > 'day 4 16:00');
  await page.mouse.move(0, 0);
  await take(page, 'app-world');
  await context.close();
});

test('a network of stations, dark', async () => {
  const { page, context } = await visit(browser, site.address, { ...MOVING, colorScheme: 'dark' });
  await openWorld(page, 'Insurance claims, replayed through a new office');
  await goTo(page, 'day 5 9:00');
  await setSpeed(page, '3600');
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await page.waitForTimeout(3500);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByLabel('Kind of event').selectOption('end');
  await page.locator('.event-list li button').first().click();
  await page.locator('.chain li').nth(2).waitFor();
  await take(page, 'app-events');
  await context.close();
});

test('an error at its line', async () => {
  const { page, context } = await visit(browser, site.address);
  await openWorld(page, CONTACT);
  await goTo(page, '6h');
  await eventually(() => position(page), (time) => time === '06:00:00');
  const code = page.getByLabel('Scenario, as TOML');
  await code.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\npatiens = "20s"\nqueue = "');
  await page.getByText('patiens').first().waitFor();
  await page.keyboard.press('Control+Space');
  await page.locator('.cm-tooltip-autocomplete').waitFor();
  await page.waitForTimeout(300);
  await take(page, 'app-editor');
  await context.close();
});

test('two runs side by side', async () => {
  const { page, context } = await visit(browser, site.address);
  await openWorld(page, CONTACT);
  await runToEnd(page);
  await page.getByText('Kept in Runs as').waitFor();
  await page.getByLabel('agents agents by hour 5').fill('10');
  await page.getByLabel('agents agents by hour 6').fill('8');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.locator('.phase.ready').waitFor();
  await runToEnd(page);
  await page.getByText('contact-centre 2').waitFor();
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('checkbox').nth(1).waitFor();
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await page.locator('.notice').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByTestId('verdict').waitFor();
  await page.waitForTimeout(400);
  await take(page, 'app-compare');
  await context.close();
});

test('the report of a hundred replications', async () => {
  const { page, context } = await visit(browser, site.address, { viewport: { width: 1440, height: 1210 } });
  await openWorld(page, CONTACT);
  await page.getByLabel('Replications').fill('100');
  await page.getByRole('button', { name: 'Run them' }).click();
  await page.getByText('100 whole runs').waitFor();
  await page.locator('.notice').waitFor();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('link', { name: 'Report of contact-centre 1 × 100' }).click();
  await page.getByRole('heading', { name: 'All figures' }).waitFor();
  await page.locator('.notice').waitFor({ state: 'detached' });
  await page.waitForTimeout(400);
  await take(page, 'app-report');
  await context.close();
});

test('on a phone', async () => {
  const { page, context } = await visit(browser, site.address, { ...MOVING, viewport: { width: 375, height: 812 }, deviceScaleFactor: 2 });
  await busy(page);
  await take(page, 'app-phone');
  await context.close();
});

test('the gallery', async () => {
  const { page, context } = await visit(browser, site.address);
  await eventually(() => page.locator('.miniature').count(), (count) => count >= 10);
  await take(page, 'app-gallery');
  await context.close();
});
