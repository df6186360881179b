/**
 * The app with a server: the same hash as in the browser, a lost connection, a ledger handed over, two tabs.
 *
 * Takes the program that `PLURIVERSE` names; without one that serves these tests are skipped.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONTACT, events, eventually, goldenHash, openWorld, runToEnd, serveApp, setSpeed, startBrowser, visit, type Site } from './harness';

/** The program, when it can serve. */
const PROGRAM = [process.env['PLURIVERSE']].find((program) => program !== undefined && spawnSync(program, ['serve', '--help']).status === 0);

interface Running {
  address: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port with a folder of its own. */
async function startServer(program: string): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'pluriverse-e2e-'));
  const child: ChildProcess = spawn(program, ['serve', '--address', '127.0.0.1:0', '--data-dir', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    if (child.stdout) createInterface(child.stdout).on('line', (line) => {
      const found = /http:\/\/[\d.:]+/.exec(line)?.[0];
      if (found !== undefined) resolve(found);
    });
    void ended.then(() => reject(new Error('the server ended before it said its address')));
  });
  return {
    address,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(PROGRAM === undefined)('with a server', () => {
  let site: Site;
  let browser: Browser;
  let running: Running;

  beforeAll(async () => {
    running = await startServer(PROGRAM ?? '');
    [site, browser] = await Promise.all([serveApp(running.address), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.close();
    await running?.stop();
  });

  test('the same seed has the same hash in the browser and on the server', async () => {
    const { page, context, faults } = await visit(browser, site.address);
    await openWorld(page, CONTACT);
    const local = await runToEnd(page);
    await page.getByRole('button', { name: /server$/ }).first().click();
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

  test('a lost connection is said, and taken up again where it was lost', async () => {
    const { page, context } = await visit(browser, site.address);
    await page.getByRole('button', { name: /server$/ }).click();
    await openWorld(page, 'M/M/1: one barber at 90 %');
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

  test('a ledger made in the browser is handed to the server, which lists the run with its hash', async ({ skip }) => {
    const offered = await (await fetch(`${running.address}/api/v1/openapi.json`)).text();
    skip(!offered.includes('/simulation/ingest'), 'this server takes no ledgers yet');
    const { page, context } = await visit(browser, site.address);
    await openWorld(page, CONTACT);
    const hash = await runToEnd(page);
    await page.getByRole('button', { name: 'Send to server' }).click();
    await page.getByText('The server has the ledger').waitFor();
    await page.getByRole('link', { name: 'Runs' }).click();
    await page.getByRole('heading', { name: 'On the server' }).waitFor();
    await page.locator(`code[title="${hash}"]`).nth(1).waitFor();
    await context.close();
  });
});
