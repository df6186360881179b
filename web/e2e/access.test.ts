/** Everybody can use it: no finding of axe on any view in light and dark, everything by keyboard. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTACT, events, eventually, goTo, openWorld, position, runToEnd, serveApp, startBrowser, visit, type Site } from './harness';

let site: Site;
let locked: Site;
let browser: Browser;
let axe: string;

beforeAll(async () => {
  const source = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  [site, locked, browser, axe] = await Promise.all([serveApp(), serveApp('--require-token'), startBrowser(), source]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await locked?.close();
});

/** What axe finds, one line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults;
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`));
}

async function twoRuns(page: Page): Promise<void> {
  await openWorld(page, CONTACT);
  await runToEnd(page);
  await page.getByText('contact-centre 1').waitFor();
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.locator('.phase.ready').waitFor();
  await runToEnd(page);
  await page.getByText('contact-centre 2').waitFor();
}

describe.each(['light', 'dark'] as const)('in %s', (colorScheme) => {
  test.each([1440, 375])('axe finds nothing on any view, %i px wide', async (width) => {
    const { page, context } = await visit(browser, site.address, { colorScheme, viewport: { width, height: 900 } });
    await page.locator('.miniature').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await twoRuns(page);
    expect(await findings(page)).toEqual([]);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await page.waitForTimeout(150);
      expect(await findings(page)).toEqual([]);
    }
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('checkbox').nth(1).waitFor();
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByTestId('verdict').waitFor();
    await page.getByRole('heading', { name: 'Distributions' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.goBack();
    await page.getByRole('link', { name: /^Report of / }).first().click();
    await page.getByRole('heading', { name: 'Distributions' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: /server$/ }).click();
    await page.getByRole('link', { name: 'Server', exact: true }).click();
    await page.getByRole('listitem').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('link', { name: /^Open / }).first().click();
    await page.getByRole('button', { name: /^End/ }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: /^End/ }).click();
    await context.close();
  });

  test('axe finds nothing in the question for a token', async () => {
    const { page, context } = await visit(browser, locked.address, { colorScheme });
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('button', { name: 'Enter a token' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Enter a token' }).click();
    await page.getByLabel('Token', { exact: true }).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await findings(page)).toEqual([]);
    await context.close();
  });

  test('axe finds nothing where there is an error', async () => {
    const { page, context } = await visit(browser, site.address, { colorScheme });
    await openWorld(page, CONTACT);
    await page.getByLabel('Scenario, as TOML').click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\npatiens = "20s"');
    await page.locator('.finding.error').waitFor();
    expect(await findings(page)).toEqual([]);
    await context.close();
  });
});

/** Presses Tab until the element in focus has this name. */
async function tabTo(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
  for (let press = 0; press < 90; press++) {
    await page.keyboard.press(key);
    const label = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      return element?.getAttribute('aria-label') ?? element?.closest('label')?.textContent ?? element?.textContent ?? '';
    });
    if (typeof name === 'string' ? label.trim() === name : name.test(label)) return;
  }
  throw new Error(`Tab does not lead to ${String(name)}`);
}

/** Whether one sees where the focus is. */
function hasRing(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const style = getComputedStyle(document.activeElement ?? document.body);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  });
}

test('a world is opened, run, stepped, sought and changed by keyboard alone', async () => {
  const { page, context } = await visit(browser, site.address);
  await tabTo(page, 'Skip to the content');
  await tabTo(page, `Open ${CONTACT}`);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.keyboard.press('ArrowRight');
  await eventually(() => events(page), (count) => count === 1);
  await page.keyboard.press('Shift+ArrowRight');
  await eventually(() => events(page), (count) => count === 11);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await goTo(page, '6h');
  await eventually(() => position(page), (time) => time === '06:00:00');
  await page.locator('body').press('ArrowLeft');
  await eventually(() => position(page), (time) => time < '06:00:00');
  await page.keyboard.press('Home');
  await eventually(() => position(page), (time) => time === '00:00:00');
  await tabTo(page, 'agents agents by hour 5');
  expect(await hasRing(page)).toBe(true);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await eventually(() => page.getByLabel('agents agents by hour 5').inputValue(), (value) => value === '10');
  await tabTo(page, 'Scenario, as TOML');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Applied' }).waitFor();
  await tabTo(page, 'Play');
  expect(await hasRing(page)).toBe(true);
  await tabTo(page, 'Results');
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('tab', { name: 'Events' }).getAttribute('aria-selected')).toBe('true');
  await context.close();
});

test('a world of the server is found, opened, stopped and ended by keyboard alone', async () => {
  const { page, context } = await visit(browser, site.address);
  await tabTo(page, /^On the.server$/);
  await page.keyboard.press('Enter');
  await tabTo(page, `Open ${CONTACT}`);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await tabTo(page, 'Server');
  await page.keyboard.press('Enter');
  await page.getByRole('listitem').first().waitFor();
  await tabTo(page, `Open ${CONTACT}`);
  expect(await hasRing(page)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await tabTo(page, 'End it');
  expect(await hasRing(page)).toBe(true);
  await page.keyboard.press('Enter');
  await page.getByText('No world is on the server').waitFor();
  await context.close();
});

test('the question for a token holds the focus, is left by Escape, and gives the focus back', async () => {
  const { page, context } = await visit(browser, locked.address);
  await tabTo(page, /^On the.server$/);
  await page.keyboard.press('Enter');
  await page.getByLabel('Token', { exact: true }).waitFor();
  const visited = new Set<string>();
  for (let press = 0; press < 8; press++) {
    await page.keyboard.press('Tab');
    visited.add(await page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName ?? ''));
  }
  expect([...visited].filter((name) => name !== 'DIALOG' && name !== 'BODY')).toEqual([]);
  await tabTo(page, /Token$/);
  expect(await hasRing(page)).toBe(true);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventually(() => page.evaluate(() => document.activeElement?.textContent ?? ''), (text) => text.endsWith('server'));
  await context.close();
});
