/** What people do with a world: run, pause, step, seek, edit, change, compare. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CONTACT, events, eventually, goldenHash, goTo, openWorld, position, runToEnd, serveApp, setSpeed, shownHash, startBrowser, visit, type Site, type Visit } from './harness';

const BARBER = 'M/M/1: one barber at 90 %';

let site: Site;
let browser: Browser;
let here: Visit;

beforeAll(async () => {
  [site, browser] = await Promise.all([serveApp(), startBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});
beforeEach(async () => {
  here = await visit(browser, site.address);
});
afterEach(async () => {
  expect(here.faults).toEqual([]);
  await here.context.close();
});

test('the whole run has the ledger hash of a native run, and is kept', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
  expect(await events(page)).toBe(3293);
  await page.getByText('Kept in Runs as').waitFor();
});

test('play, pause, step and going back end in the same hash', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await setSpeed(page, '10000');
  await page.keyboard.press('Space');
  await eventually(() => events(page), (count) => count > 200);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.locator('.phase.ready').waitFor();
  const paused = await eventually(() => events(page), (count) => count > 0);
  await page.waitForTimeout(400);
  expect(await events(page)).toBe(paused);
  await page.getByRole('button', { name: 'Step' }).click();
  await eventually(() => events(page), (count) => count === paused + 1);
  await page.getByRole('button', { name: 'Step' }).click({ modifiers: ['Shift'] });
  await eventually(() => events(page), (count) => count === paused + 11);
  await goTo(page, '1h');
  await eventually(() => position(page), (time) => time === '01:00:00');
  await eventually(() => events(page), (count) => count < paused);
  expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
});

test('the slider seeks, there and back', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  const slider = page.getByLabel('Seek');
  const box = await slider.boundingBox();
  if (!box) throw new Error('no slider');
  const click = (share: number): Promise<void> => page.mouse.click(box.x + box.width * share, box.y + box.height / 2);
  const first = await shownHash(page);
  await click(0.5);
  await eventually(() => position(page), (time) => time.startsWith('06:'));
  // The hash follows the time a moment later, and the way there has hashes of its own.
  let half = first;
  await eventually(async () => {
    const before = half;
    await page.waitForTimeout(300);
    half = await shownHash(page);
    return half === before;
  }, (stands) => stands && half !== first);
  await click(0.25);
  await eventually(() => position(page), (time) => time.startsWith('03:'));
  await click(0.5);
  await eventually(() => position(page), (time) => time.startsWith('06:'));
  await eventually(() => shownHash(page), (hash) => hash === half);
});

test('an error is shown at its line as it is typed, and the world stays until it is gone', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await goTo(page, '2h');
  const code = page.getByLabel('Scenario, as TOML');
  await code.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\npatiens = "20s"');
  const finding = page.locator('.finding.error');
  await finding.waitFor();
  expect(await finding.textContent()).toMatch(/^Line \d+: .*patiens.*patience/s);
  await page.locator('.cm-lint-marker-error').first().waitFor();
  expect(await page.getByRole('button', { name: 'Apply', exact: true }).isDisabled()).toBe(true);
  await eventually(() => position(page), (time) => time === '02:00:00');
  for (let press = 0; press < 16; press++) await page.keyboard.press('Backspace');
  await finding.waitFor({ state: 'detached' });
});

test('keys of the schema are offered while typing', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await page.getByLabel('Scenario, as TOML').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('\nque');
  const offer = page.locator('.cm-tooltip-autocomplete [role=option]').first();
  await offer.waitFor();
  expect(await offer.textContent()).toContain('queue');
});

test('a changed staffing number makes another run, and both are compared', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  const first = await runToEnd(page);
  await page.getByLabel('agents agents by hour 5').fill('10');
  await page.getByRole('button', { name: 'Apply', exact: true }).click();
  await page.locator('.phase.ready').waitFor();
  const second = await runToEnd(page);
  expect(second).not.toBe(first);
  await page.getByText('contact-centre 2').waitFor();
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('checkbox').nth(1).waitFor();
  for (const box of await page.getByRole('checkbox').all()) await box.check();
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByTestId('verdict').waitFor();
  expect(await page.getByTestId('verdict').textContent()).toBe('The ledgers differ.');
  expect(await page.locator('.changes').textContent()).toContain('[4, 6, 8, 8, 10, 7, 8, 8, 6, 6, 4, 4, 4]');
  const waits = await page.getByRole('row', { name: /wait, mean/ }).getByRole('cell').allTextContents();
  expect(waits[0]).toMatch(/^2\.\d+ s$/);
  expect(waits[2]).toMatch(/^−/);
  await page.getByLabel('Run B').selectOption({ label: 'contact-centre 1' });
  await page.getByText('The ledgers have the same hash').waitFor();
});

test('runs are renamed and deleted, and outlast a reload', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await runToEnd(page);
  await page.getByText('Kept in Runs as').waitFor();
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('button', { name: 'Rename contact-centre 1' }).click();
  await page.getByLabel('Name of the run').fill('eight agents');
  await page.keyboard.press('Enter');
  // The name is shown once it is kept.
  await page.getByText('eight agents', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('eight agents', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Delete eight agents' }).click();
  await page.getByText('No run has come to its end yet.').waitFor();
});

test('an event leads to the chain of its causes', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await goTo(page, '3h');
  await page.getByRole('tab', { name: 'Events' }).click();
  await page.getByLabel('Kind of event').selectOption('leave');
  const event = page.locator('.event-list li button').first();
  await event.click();
  const chain = page.getByRole('region', { name: 'What led to it' });
  await chain.getByRole('listitem').nth(3).waitFor();
  const links = await chain.locator('.link span').allTextContents();
  expect(links[0]).toMatch(/^case \d+ leaves after/);
  expect(links[1]).toMatch(/is done at agents after/);
  expect(links[2]).toMatch(/starts on case/);
});

test('a reload brings back the scenario as it was typed', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await page.getByLabel('agents agents by hour 1', { exact: true }).fill('5');
  await page.reload();
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  expect(await page.getByLabel('agents agents by hour 1', { exact: true }).inputValue()).toBe('5');
});

test('what was changed is kept as one of one\'s own, until it is deleted', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await page.getByLabel('agents agents by hour 1', { exact: true }).fill('5');
  await page.getByRole('link', { name: 'Gallery', exact: true }).click();
  await openWorld(page, BARBER);
  await page.getByRole('link', { name: 'Gallery', exact: true }).click();
  // The scenario of the gallery is as it was; the changed one stands beside it, and is gone on with.
  await openWorld(page, CONTACT);
  expect(await page.getByLabel('agents agents by hour 1', { exact: true }).inputValue()).toBe('4');
  await page.getByRole('link', { name: 'Gallery', exact: true }).click();
  await page.getByRole('link', { name: `Go on with ${CONTACT}` }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  expect(await page.getByLabel('agents agents by hour 1', { exact: true }).inputValue()).toBe('5');
  await page.getByRole('link', { name: 'Gallery', exact: true }).click();
  await page.getByRole('button', { name: `Delete ${CONTACT}` }).click();
  await page.getByRole('heading', { name: 'Yours' }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: `Go on with ${CONTACT}` }).waitFor();
});

const DESK = `kind = "process"
title = "A desk of my own"
[run]
until = "1h"
[sources.people]
arrivals = { trace = { file = "people.csv", time = "at", time_unit = "s" } }
[stations.desk]
agents = 1
service = { constant = "1m" }
`;

const BLANK = DESK.replace('of my own', 'of the house').replace(/trace = .*\} \}/, 'poisson = { rate = "10/h" } }');

test('a file is opened with its data, chosen or dropped, and kept', async () => {
  const { page } = here;
  const files = [
    { name: 'desk.toml', mimeType: 'application/toml', buffer: Buffer.from(DESK) },
    { name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from('at\n60\n90\n') },
  ];
  await page.getByLabel('Scenario files').setInputFiles(files[1] ?? []);
  await page.getByRole('alert').getByText('There is no scenario among these').waitFor();
  await page.getByLabel('Scenario files').setInputFiles(files);
  await page.getByRole('heading', { name: 'A desk of my own' }).waitFor();
  await runToEnd(page);
  expect(await page.getByRole('row', { name: /^arrivals/ }).first().textContent()).toBe('arrivals2');
  await page.getByRole('link', { name: 'Gallery', exact: true }).click();
  await page.getByRole('link', { name: 'Go on with A desk of my own' }).waitFor();
  const dropped = await page.evaluateHandle(
    ([text, data]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text ?? ''], 'dropped.toml'));
      transfer.items.add(new File([data ?? ''], 'people.csv'));
      return transfer;
    },
    [DESK.replace('of my own', 'from elsewhere'), 'at\n60\n90\n120\n'],
  );
  await page.dispatchEvent('main', 'dragenter', { dataTransfer: dropped });
  await page.getByText('Drop a scenario here').waitFor();
  await page.dispatchEvent('main', 'drop', { dataTransfer: dropped });
  await page.getByRole('heading', { name: 'A desk from elsewhere' }).waitFor();
  await runToEnd(page);
  expect(await page.getByRole('row', { name: /^arrivals/ }).first().textContent()).toBe('arrivals3');
});

test('what only the server offers stands beside the page\'s own scenarios, each once', async () => {
  const { page } = here;
  const own = await page.locator('.card').count();
  await page.route('**/api/v1/scenarios', async (route) => {
    const offered = (await (await route.fetch()).json()) as object[];
    expect(offered.length).toBe(own);
    await route.fulfill({ json: [...offered, { name: 'theirs.toml', title: 'A desk of the house', kind: 'process', story: '' }] });
  });
  await page.route('**/api/v1/scenarios/theirs.toml', (route) => route.fulfill({ json: { name: 'theirs.toml', text: BLANK } }));
  await page.reload();
  const card = page.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Open A desk of the house' }) });
  await card.getByText('from the server').waitFor();
  expect(await page.locator('.card').count()).toBe(own + 1);
  await openWorld(page, 'A desk of the house');
});

test('a run has a report: figures by period, distributions, all figures, its scenario', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await page.getByLabel('Replications').fill('10');
  await page.getByRole('button', { name: 'Run them' }).click();
  await page.getByText('10 whole runs, seed 1').waitFor();
  await page.getByRole('link', { name: 'Runs', exact: true }).click();
  await page.getByRole('link', { name: 'Report of contact-centre 1 × 10' }).click();
  await page.getByText('tinted: 95 % confidence interval').waitFor();
  const wait = page.getByRole('figure').filter({ has: page.getByRole('img', { name: /^Wait by periods of 1 h/ }) });
  await wait.locator('.u-over').hover({ position: { x: 12, y: 20 } });
  await eventually(async () => (await wait.locator('.moment').textContent()) ?? '', (moment) => moment === '00:00:00 to 01:00:00');
  expect(await wait.locator('.legend b').textContent()).toMatch(/^[\d.]+ s ± [\d.]+ s$/);
  await page.getByRole('button', { name: 'Cumulative' }).click();
  const spread = page.getByRole('img', { name: /^Distribution of Time in all\. [\d,]+ observed, 50 % up to/ });
  await spread.waitFor();
  await page.getByRole('heading', { name: 'All figures' }).waitFor();
  await page.getByText('[sources.calls.arrivals.rates]').waitFor();
  await page.getByRole('button', { name: 'Open its world' }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
});

test('a branch goes on by itself', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await goTo(page, '3h');
  await page.getByRole('button', { name: 'Branch' }).click();
  await page.getByText('A branch:').waitFor();
  expect(await position(page)).toBe('03:00:00');
  expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
});

test('another seed is another run, and the same seed the same', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  const first = await runToEnd(page);
  const seed = page.getByLabel('Seed');
  const runWith = async (value: string): Promise<string> => {
    await seed.fill(value);
    await seed.press('Enter');
    await page.locator('.phase.ready').waitFor();
    return runToEnd(page);
  };
  const second = await runWith('2');
  expect(second).not.toBe(first);
  expect(await runWith('1')).toBe(first);
});

test('every scenario of the gallery opens and runs', async () => {
  const { page } = here;
  const titles = await page.locator('.card h3').allTextContents();
  expect(titles.length).toBeGreaterThanOrEqual(10);
  for (const title of titles) {
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    await openWorld(page, title);
    await goTo(page, '10h');
    await eventually(() => events(page), (count) => count > 0);
  }
});

test('many runs give figures with their intervals, and are kept', async () => {
  const { page } = here;
  await openWorld(page, CONTACT);
  await page.getByLabel('Replications').fill('10');
  await page.getByRole('button', { name: 'Run them' }).click();
  await page.getByText('10 whole runs, seed 1').waitFor();
  expect(await page.getByRole('row', { name: /^wait, mean/ }).first().textContent()).toMatch(/ ± .* s$/);
  await page.getByText('× 10').waitFor();
  await page.getByRole('button', { name: 'Back to this world' }).click();
  await page.getByText('10 whole runs').waitFor({ state: 'detached' });
});

test('two tabs keep their own worlds and share the runs', async () => {
  const { page, context } = here;
  const other = await context.newPage();
  await other.goto(site.address);
  await openWorld(page, CONTACT);
  await openWorld(other, 'Tandem: counter and till');
  await goTo(other, '2h');
  expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
  await page.getByText('Kept in Runs as').waitFor();
  await eventually(() => position(other), (time) => time.includes('02:00:00'));
  await other.getByRole('link', { name: 'Runs' }).click();
  await other.getByText('contact-centre 1').waitFor();
});
