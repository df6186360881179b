/** Measures what a frame costs the main thread while worlds run at 100,000 times real time, charts on: `npm run speed`, on a machine that has nothing else to do. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONTACT, events, eventually, openWorld, serveApp, setSpeed, startBrowser, visit, type Site } from './harness';

/** Milliseconds that a frame may take of the main thread, in the mean. */
const BUDGET = 4;
const MEASURED = 3000;

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveApp(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Script, style and layout on the main thread for each frame, and frames a second. */
async function frameCost(page: Page): Promise<{ millis: number; framesPerSecond: number }> {
  const session = await page.context().newCDPSession(page);
  // The thread's own time: what other programs take of the machine is not the page's.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    const seconds = metrics.filter(({ name }) => ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'].includes(name));
    return seconds.reduce((sum, { value }) => sum + value * 1000, 0);
  };
  const before = await busy();
  const frames = await page.evaluate(
    (millis) =>
      new Promise<number>((resolve) => {
        const end = performance.now() + millis;
        let frames = 0;
        const count = (now: number): void => {
          frames += 1;
          if (now < end) requestAnimationFrame(count);
          else resolve(frames);
        };
        requestAnimationFrame(count);
      }),
    MEASURED,
  );
  const spent = (await busy()) - before;
  return { millis: spent / frames, framesPerSecond: (frames * 1000) / MEASURED };
}

test.each([['M/M/1: one barber at 90 %'], ['Five thousand agents, one day'], ['Two classes, with and without preemption']])('%s', { retry: 2 }, async (title) => {
  const { page, context } = await visit(browser, site.address, { reducedMotion: 'no-preference' });
  await openWorld(page, title);
  await page.locator('.uplot').nth(3).waitFor();
  await setSpeed(page, '100000');
  await page.keyboard.press('Space');
  await eventually(() => events(page), (count) => count > 100);
  const { millis, framesPerSecond } = await frameCost(page);
  console.info(`${title}: ${millis.toFixed(2)} ms of the main thread a frame, ${framesPerSecond.toFixed(0)} frames a second`);
  expect(millis).toBeLessThan(BUDGET);
  await context.close();
});

test('a world that stands costs nothing', async () => {
  const { page, context } = await visit(browser, site.address);
  await openWorld(page, CONTACT);
  await page.waitForTimeout(1000);
  const { millis } = await frameCost(page);
  expect(millis).toBeLessThan(1);
  await context.close();
});
