/** The app with its server: the same hash as in the browser, lost and slow connections, tokens, worlds that tabs share. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTACT, events, eventually, goldenHash, goTo, openWorld, position, runToEnd, serveApp, setSpeed, shownHash, startBrowser, visit, type Site } from './harness';

const BARBER = 'M/M/1: one barber at 90 %';

let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
});

async function onServer(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'On the server' }).click();
}

describe('a server that trusts this machine', () => {
  let site: Site;

  beforeAll(async () => {
    site = await serveApp();
  });
  afterAll(async () => {
    await site?.close();
  });

  test('the same seed has the same hash in the browser and on the server', async () => {
    const { page, context, faults } = await visit(browser, site.address);
    await openWorld(page, CONTACT);
    const local = await runToEnd(page);
    await onServer(page);
    await page.getByText('· on the server').waitFor();
    await page.locator('.phase.ready').waitFor();
    const remote = await runToEnd(page);
    expect(remote).toBe(local);
    expect(remote).toBe(await goldenHash('contact-centre.toml'));
    await page.getByRole('tab', { name: 'Events' }).click();
    await page.locator('.event-list li button').first().click();
    await page.locator('.chain li').nth(2).waitFor();
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a run straight to the end is charted by period, and both engines come to the same figures', async () => {
    const { page, context } = await visit(browser, site.address);
    await openWorld(page, CONTACT);
    await runToEnd(page);
    await page.getByText('contact-centre 1').waitFor();
    await onServer(page);
    await page.getByText('· on the server').waitFor();
    await page.locator('.phase.ready').waitFor();
    await runToEnd(page);
    await page.getByText('contact-centre 2').waitFor();
    const charts = page.getByRole('region', { name: 'Charts' });
    expect(await charts.getByRole('button', { name: 'By period' }).getAttribute('aria-pressed')).toBe('true');
    await charts.getByRole('img', { name: /^Queue length by periods of 1 h: agents from [\d.]+ to \d/ }).waitFor();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('checkbox').nth(1).waitFor();
    for (const box of await page.getByRole('checkbox').all()) await box.check();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('The ledgers have the same hash').waitFor();
    await page.getByText(/^All \d+ figures are equal/).waitFor();
    const overlaid = await page.getByRole('img', { name: /^Queue length, agents by periods of 1 h/ }).getAttribute('aria-label');
    const [, a, b] = /A (from .*), B (from .*)/.exec(overlaid ?? '') ?? [];
    expect(a).toBe(b);
    expect(a).toMatch(/^from [\d.]+ to [\d.]+$/);
    await page.getByRole('img', { name: /^Distribution of Wait, agents\. A: \d.* observed/ }).waitFor();
    await context.close();
  });

  test('a lost connection is said, and taken up again where it was lost', async () => {
    const { page, context } = await visit(browser, site.address);
    await onServer(page);
    await openWorld(page, BARBER);
    await setSpeed(page, '600');
    await page.keyboard.press('Space');
    await eventually(() => events(page), (count) => count > 10);
    site.cut();
    await page.getByText('The connection to the server is lost').waitFor();
    const before = await events(page);
    site.mend();
    await page.getByText('The connection to the server is lost').waitFor({ state: 'detached' });
    await eventually(() => events(page), (count) => count > before);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('.phase.ready').waitFor();
    await context.close();
  });

  test('a page that cannot keep up is told how much it missed, and goes on', async () => {
    const { page, context } = await visit(browser, site.address);
    await onServer(page);
    await openWorld(page, BARBER);
    await setSpeed(page, '1000000');
    await page.keyboard.press('Space');
    await eventually(() => events(page), (count) => count > 100);
    await page.getByRole('tab', { name: 'Events' }).click();
    site.stall();
    // What the wire and the server hold back for the page takes some seconds to fill.
    await page.waitForTimeout(20_000);
    const before = await events(page);
    site.go();
    const banner = page.getByText(/^[\d,]+ updates? (was|were) missed/);
    await banner.waitFor();
    expect(Number((await banner.textContent())?.split(' ')[0]?.replaceAll(',', ''))).toBeGreaterThan(10);
    await eventually(() => events(page), (count) => count > before);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.locator('.phase.ready').waitFor();
    const rows = Number(/[\d,]+/.exec((await page.getByText('rows in the ledger').textContent()) ?? '')?.[0]?.replaceAll(',', ''));
    expect(await page.locator('.event-list li button').first().getAttribute('title')).toContain(`row ${rows - 1}:`);
    await banner.getByRole('button', { name: 'Dismiss' }).click();
    await banner.waitFor({ state: 'detached' });
    await context.close();
  });

  test('a ledger made in the browser is handed to the server, which lists the run with its hash', async () => {
    const { page, context } = await visit(browser, site.address);
    await openWorld(page, CONTACT);
    const hash = await runToEnd(page);
    await page.getByRole('button', { name: 'Send to server' }).click();
    await page.getByText('The server has the ledger').waitFor();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('heading', { name: 'On the server' }).waitFor();
    await page.locator(`code[title="${hash}"]`).nth(1).waitFor();
    await context.close();
  });

  test('two tabs show one world: what one does the other sees, and neither ends it for the other', async () => {
    const { page, context, faults } = await visit(browser, site.address);
    await onServer(page);
    await openWorld(page, BARBER);
    expect(page.url()).toMatch(/#\/worlds\/[0-9a-f]{16}$/);
    const address = page.url();
    const { page: other, context: elsewhere } = await visit(browser, site.address);
    await other.getByRole('link', { name: 'Server', exact: true }).click();
    const line = other.getByRole('listitem').filter({ hasText: address.slice(-16) });
    await line.getByText('stands').waitFor();
    await line.getByRole('link', { name: `Open ${BARBER}` }).click();
    await other.getByRole('button', { name: 'Play', exact: true }).waitFor();
    expect(other.url()).toBe(address);
    await setSpeed(page, '10000');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await eventually(() => events(other), (count) => count > 100);
    await other.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const hash = await eventually(() => shownHash(page), (shown) => shown !== '');
    await eventually(() => shownHash(other), (shown) => shown === hash);
    expect(await position(other)).toBe(await position(page));
    await goTo(other, '1h');
    await eventually(() => position(page), (time) => time.endsWith('01:00:00'));
    // The tab that made it begins another: the world stays, for the other one.
    await page.getByRole('button', { name: 'Reset' }).click();
    await eventually(async () => page.url(), (url) => url !== address);
    await other.reload();
    await eventually(() => position(other), (time) => time.endsWith('01:00:00'));
    await other.getByRole('button', { name: 'End it' }).click();
    await other.getByRole('heading', { name: 'Worlds on the server' }).waitFor();
    await eventually(() => line.count(), (count) => count === 0);
    expect(faults).toEqual([]);
    await context.close();
    await elsewhere.close();
  });

  test('values that were set over the text are carried into new worlds, until they are dropped', async () => {
    const text = [
      'kind = "process"', 'title = "One desk"', '[run]', 'until = "8h"', '[sources.people]', 'arrivals = { poisson = { rate = "0.9/min" } }',
      '[stations.desk]', 'agents = 1', 'service = { exponential = { mean = "1m" } }', '',
    ].join('\n');
    const body = JSON.stringify({ scenario: { name: 'desk.toml', text }, overrides: { title: 'Three desks', 'stations.desk.agents': 3 } });
    const made = await fetch(`${site.address}api/v1/worlds`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { id } = (await made.json()) as { id: string };
    const { page, context, faults } = await visit(browser, site.address);
    await page.goto(`${site.address}#/worlds/${id}`);
    const set = page.getByText('Set over the text, here and in a new world: stations.desk.agents = 3, title = "Three desks".');
    await set.waitFor();
    const hash = await runToEnd(page);
    await page.getByRole('button', { name: 'Reset' }).click();
    await eventually(async () => page.url(), (url) => !url.endsWith(id));
    await page.locator('.phase.ready').waitFor();
    await page.getByRole('heading', { name: 'Three desks' }).waitFor();
    expect(await runToEnd(page)).toBe(hash);
    await page.getByRole('button', { name: 'In this browser' }).click();
    await page.getByText('· in this browser').waitFor();
    await page.locator('.phase.ready').waitFor();
    expect(await runToEnd(page)).toBe(hash);
    await page.getByRole('button', { name: 'Only the text' }).click();
    await page.getByRole('heading', { name: 'One desk' }).waitFor();
    await set.waitFor({ state: 'detached' });
    await page.locator('.phase.ready').waitFor();
    expect(await runToEnd(page)).not.toBe(hash);
    expect(faults).toEqual([]);
    await context.close();
  });

  test('a world that is left goes on, one that its own tab replaces ends', async () => {
    const { page, context } = await visit(browser, site.address);
    await onServer(page);
    await openWorld(page, BARBER);
    const first = page.url();
    await page.getByRole('button', { name: 'Reset' }).click();
    await eventually(async () => page.url(), (url) => url !== first);
    const second = page.url();
    await setSpeed(page, '10');
    await page.getByRole('button', { name: 'Play', exact: true }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('button', { name: 'Leave it running' }).click();
    const line = (address: string): ReturnType<Page['locator']> => page.getByRole('listitem').filter({ hasText: address.slice(-16) });
    await line(second).getByText('plays 10×').waitFor();
    expect(await line(first).count()).toBe(0);
    // Looking at one of its worlds ends none of the others.
    await page.getByRole('link', { name: 'Gallery', exact: true }).click();
    await openWorld(page, CONTACT);
    const third = page.url();
    await page.getByRole('link', { name: 'Server', exact: true }).click();
    await line(second).getByRole('link', { name: `Open ${BARBER}` }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await page.getByRole('link', { name: 'Server', exact: true }).click();
    await line(third).getByText('stands').waitFor();
    await line(third).getByRole('button', { name: 'End' }).click();
    await eventually(() => line(third).count(), (count) => count === 0);
    await page.goto(`${site.address}${first.slice(first.indexOf('#'))}`);
    await page.getByText(/there is no world/).waitFor();
    await page.getByRole('link', { name: 'Worlds on the server' }).click();
    await line(second).getByRole('button', { name: 'End' }).click();
    await eventually(() => line(second).count(), (count) => count === 0);
    await context.close();
  });
});

describe('a server that asks for a token', () => {
  let site: Site;
  let token: string;

  beforeAll(async () => {
    site = await serveApp('--require-token');
    ({ token } = site);
  });
  afterAll(async () => {
    await site?.close();
  });

  /** What the server is asked, where a token must never be. */
  function addressesOf(page: Page): string[] {
    const seen: string[] = [];
    page.on('request', (request) => seen.push(request.url()));
    page.on('websocket', (socket) => seen.push(socket.url()));
    return seen;
  }

  test('the browser needs none; the server asks, says what is wrong, and runs worlds with the right one', async () => {
    const { page, context } = await visit(browser, site.address);
    const addresses = addressesOf(page);
    await openWorld(page, CONTACT);
    expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
    await onServer(page);
    const dialog = page.getByRole('dialog', { name: 'The server asks for a token' });
    const field = dialog.getByLabel('Token', { exact: true });
    await field.waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('in this browser', { exact: false }).first().waitFor();

    await onServer(page);
    await field.fill(`${token.slice(0, -4)}0000`);
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('This token opens nothing here').waitFor();
    await field.fill(token);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('· on the server').waitFor();
    expect(await runToEnd(page)).toBe(await goldenHash('contact-centre.toml'));
    expect(addresses.filter((address) => address.includes(token))).toEqual([]);
    const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }));
    expect(kept).not.toContain(token);
    // It was not to be remembered: a reload asks again.
    await page.reload();
    await field.waitFor();
    await context.close();
  });

  test('a token that is to be remembered lasts as long as its tab', async () => {
    const { page, context } = await visit(browser, site.address);
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('button', { name: 'Enter a token' }).click();
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByLabel('Remember it until this tab is closed').check();
    await page.getByRole('button', { name: 'Use the token' }).click();
    await page.getByRole('button', { name: 'Enter a token' }).waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('link', { name: 'Server', exact: true }).click();
    await page.getByText('No world is on the server').or(page.getByRole('list', { name: 'Worlds on the server' })).first().waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    const another = await context.newPage();
    await another.goto(`${site.address}#/worlds`);
    await another.getByRole('button', { name: 'Enter a token' }).waitFor();
    await context.close();
  });

  test('a token that is revoked is asked for again, once', async () => {
    const { page, context } = await visit(browser, site.address);
    await page.evaluate((stale) => sessionStorage.setItem('pluriverse.token', stale), `${token.slice(0, -4)}0000`);
    await page.goto(`${site.address}#/worlds`);
    await page.reload();
    await page.getByRole('button', { name: 'Enter a token' }).waitFor();
    await page.waitForTimeout(2500);
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.evaluate(() => sessionStorage.getItem('pluriverse.token'))).toBe(null);
    await context.close();
  });

  test('whoever guesses is told to wait', async () => {
    const { page, context } = await visit(browser, site.address);
    await onServer(page);
    const field = page.getByLabel('Token', { exact: true });
    const dialog = page.getByRole('dialog');
    await field.waitFor();
    for (let guess = 0; guess < 16; guess++) {
      await field.fill(`pv_0000000${guess.toString(16)}_wrong`);
      await page.getByRole('button', { name: 'Use the token' }).click();
      await page.getByRole('button', { name: 'Use the token' }).waitFor();
      if ((await dialog.getByRole('alert').textContent())?.startsWith('Too many wrong tokens')) break;
    }
    expect(await dialog.getByRole('alert').textContent()).toMatch(/^Too many wrong tokens came from this address\. Try again in \d+ seconds\.$/);
    await page.getByRole('button', { name: 'Not now' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await page.getByRole('button', { name: 'In this browser' }).getAttribute('aria-pressed')).toBe('true');
    await context.close();
  });
});
