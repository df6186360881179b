/**
 * The main views look as they did, at three widths in light and dark.
 *
 * Pictures are taken at half size and compared by blocks of 8 × 8 pixels, so that another rendering of letters passes
 * and another layout does not. `UPDATE_LOOKS=1` writes them anew; what differs is left in `actual/`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTACT, eventually, goTo, openWorld, position, runToEnd, serveApp, startBrowser, visit, type Site } from './harness';

/** Blocks whose mean colour may differ by more than `NOTICEABLE` of 255, as a share of all. */
const TOLERANCE = 0.03;
const NOTICEABLE = 20;

const folder = (name: string): string => fileURLToPath(new URL(`./${name}/`, import.meta.url));

let site: Site;
let locked: Site;
let browser: Browser;

beforeAll(async () => {
  [site, locked, browser] = await Promise.all([serveApp(), serveApp('--require-token'), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  await locked?.close();
});

/** The share of blocks that differ; 1 when the sizes do. */
function difference(page: Page, left: string, right: string): Promise<number> {
  return page.evaluate(
    async ({ left, right, noticeable }) => {
      const pixels = async (base64: string): Promise<ImageData> => {
        const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        if (!context) throw new Error('no canvas');
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height);
      };
      const [a, b] = [await pixels(left), await pixels(right)];
      if (a.width !== b.width || a.height !== b.height) return 1;
      const mean = ({ data, width }: ImageData, x: number, y: number, channel: number): number => {
        let sum = 0;
        for (let row = 0; row < 8; row++) for (let column = 0; column < 8; column++) sum += data[((y + row) * width + x + column) * 4 + channel] ?? 0;
        return sum / 64;
      };
      let blocks = 0;
      let different = 0;
      for (let y = 0; y + 8 <= a.height; y += 8) {
        for (let x = 0; x + 8 <= a.width; x += 8) {
          blocks += 1;
          if ([0, 1, 2].some((channel) => Math.abs(mean(a, x, y, channel) - mean(b, x, y, channel)) > noticeable)) different += 1;
        }
      }
      return different / blocks;
    },
    { left, right, noticeable: NOTICEABLE },
  );
}

async function looks(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.waitForTimeout(400);
  const actual = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  const file = `${folder('looks')}${name}.png`;
  if (process.env['UPDATE_LOOKS'] || !existsSync(file)) {
    mkdirSync(folder('looks'), { recursive: true });
    writeFileSync(file, actual);
    return;
  }
  const share = await difference(page, readFileSync(file).toString('base64'), actual.toString('base64'));
  if (share > TOLERANCE) {
    mkdirSync(folder('actual'), { recursive: true });
    writeFileSync(`${folder('actual')}${name}.png`, actual);
  }
  expect(share, `${name}: see actual/${name}.png`).toBeLessThanOrEqual(TOLERANCE);
}

const SIZES = [
  { width: 375, height: 812 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

describe.each(SIZES)('$width px', (viewport) => {
  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const { page, context } = await visit(browser, site.address, { viewport, colorScheme, deviceScaleFactor: 0.5 });
    const name = (view: string): string => `${view}-${viewport.width}-${colorScheme}`;
    await eventually(() => page.locator('.miniature').count(), (count) => count >= 10);
    await looks(page, name('gallery'));
    await openWorld(page, CONTACT);
    await goTo(page, '4h45m');
    await eventually(() => position(page), (time) => time === '04:45:00');
    await page.getByTestId('hash').waitFor();
    await looks(page, name('world'));
    await runToEnd(page);
    await page.getByText('contact-centre 1').waitFor();
    await page.getByLabel('agents agents by hour 5').or(page.getByRole('tab', { name: 'Scenario' })).first().click();
    await page.getByLabel('agents agents by hour 5').fill('10');
    await page.getByRole('button', { name: 'Apply', exact: true }).click();
    await page.locator('.phase.ready').waitFor();
    await runToEnd(page);
    await page.getByText('contact-centre 2').waitFor();
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('checkbox').nth(1).waitFor();
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByTestId('verdict').waitFor();
    await page.locator('.notice').waitFor({ state: 'detached' });
    await looks(page, name('compare'));
    await page.goBack();
    await page.getByRole('link', { name: 'Report of contact-centre 1' }).click();
    await page.getByRole('heading', { name: 'Distributions' }).waitFor();
    await looks(page, name('report'));
    await context.close();
  });

  test.each(['light', 'dark'] as const)('worlds of the server, %s', async (colorScheme) => {
    const { page, context } = await visit(browser, site.address, { viewport, colorScheme, deviceScaleFactor: 0.5 });
    await page.getByRole('button', { name: /server$/ }).click();
    await openWorld(page, CONTACT);
    await goTo(page, '4h45m');
    await eventually(() => position(page), (time) => time === '04:45:00');
    await page.getByRole('button', { name: /^Leave/ }).click();
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    await openWorld(page, 'Tandem: counter and till');
    await page.getByRole('link', { name: 'Server', exact: true }).click();
    await page.getByRole('listitem').nth(1).waitFor();
    await looks(page, `worlds-${viewport.width}-${colorScheme}`);
    for (let left = await page.getByRole('listitem').count(); left > 0; left--) {
      await page.getByRole('button', { name: /^End / }).first().click();
      await eventually(() => page.getByRole('listitem').count(), (count) => count < left);
    }
    await context.close();
  });

  test.each(['light', 'dark'] as const)('the question for a token, %s', async (colorScheme) => {
    const { page, context } = await visit(browser, locked.address, { viewport, colorScheme, deviceScaleFactor: 0.5 });
    await eventually(() => page.locator('.miniature').count(), (count) => count >= 10);
    await page.getByRole('button', { name: /server$/ }).click();
    await page.getByLabel('Token', { exact: true }).fill('not one of its tokens');
    await page.getByRole('button', { name: 'Use the token' }).click();
    await page.getByRole('alert').waitFor();
    await looks(page, `token-${viewport.width}-${colorScheme}`);
    await context.close();
  });
});
