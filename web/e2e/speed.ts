/** Measures the app: what a first visit loads, when it answers, and what a frame costs the main thread while worlds run. `npm run speed`, on a machine that has nothing else to do, prints the figures; with `FIGURES` they go to that file as JSON. */
import { writeFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, test } from 'vitest';
import { CONTACT, events, eventually, openWorld, serveApp, setSpeed, startBrowser, visit, type Site } from './harness';

const MEASURED_MILLIS = 3000;
const ROUNDS = 5;

/** What was measured, and what it should be, in words. */
interface Figure {
  name: string;
  values: number[];
  unit: string;
  target: string;
}

const figures: Figure[] = [];

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveApp(), startBrowser()]);
});
afterAll(async () => {
  const file = process.env['FIGURES'];
  if (file !== undefined) await writeFile(file, JSON.stringify(figures));
  for (const { name, values, unit, target } of figures) console.info(`${name}: ${values.map((value) => value.toFixed(2)).join(', ')} ${unit} (${target})`);
  await browser?.close();
  await site?.close();
});

/** Milliseconds from the beginning of the visit until what is there now answers. */
function sinceNavigation(page: Page): Promise<number> {
  return page.evaluate(() => new Promise<number>((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))));
}

/** Milliseconds of script, style and layout on the main thread for each frame, and frames a second. */
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
    MEASURED_MILLIS,
  );
  const spent = (await busy()) - before;
  return { millis: spent / frames, framesPerSecond: (frames * 1000) / MEASURED_MILLIS };
}

test('a first visit', async () => {
  const [loaded, interactive, opened]: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    // Counted at the server's end of the wire: what workers load is no request of the page.
    site.takeSent();
    await page.goto(site.address);
    await page.getByRole('link', { name: `Open ${CONTACT}` }).waitFor();
    interactive?.push((await sinceNavigation(page)) / 1000);
    const before = await sinceNavigation(page);
    await openWorld(page, CONTACT);
    opened?.push(((await sinceNavigation(page)) - before) / 1000);
    await page.waitForLoadState('networkidle');
    loaded?.push(site.takeSent() / 1e6);
    await context.close();
  }
  figures.push(
    { name: 'Loaded by a first visit that opens a world', values: loaded ?? [], unit: 'MB', target: 'at most 2 MB' },
    { name: 'From the visit until the gallery answers', values: interactive ?? [], unit: 's', target: 'at most 1.5 s' },
    { name: 'From a click in the gallery until the world can be played', values: opened ?? [], unit: 's', target: '' },
  );
});

test.each([['M/M/1: one barber at 90 %'], ['Five thousand agents, one day'], ['Two classes, with and without preemption']])('%s', async (title) => {
  const costs: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const { page, context } = await visit(browser, site.address, { reducedMotion: 'no-preference' });
    await openWorld(page, title);
    await page.locator('.uplot').nth(3).waitFor();
    await setSpeed(page, '100000');
    await page.keyboard.press('Space');
    await eventually(() => events(page), (count) => count > 100);
    const { millis, framesPerSecond } = await frameCost(page);
    costs.push(millis);
    rates.push(framesPerSecond);
    await context.close();
  }
  figures.push(
    { name: `A frame of "${title}" on the main thread`, values: costs, unit: 'ms', target: 'at most 4 ms' },
    { name: `Frames of "${title}"`, values: rates, unit: 'a second', target: '60 a second' },
  );
});

test('a world that stands', async () => {
  const { page, context } = await visit(browser, site.address);
  await openWorld(page, CONTACT);
  await page.waitForTimeout(1000);
  const { millis } = await frameCost(page);
  figures.push({ name: 'A frame of a world that stands', values: [millis], unit: 'ms', target: '' });
  await context.close();
});
