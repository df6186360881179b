/** Starts what the tests look at: the program, which serves the app that is built into it, and Debian's Chromium. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer as createFileServer } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

export const DIST = fileURLToPath(new URL('../app/dist', import.meta.url));

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--enable-unsafe-swiftshader',
];

/** The program with the app in it, which `PLURIVERSE` names. */
function program(): string {
  const named = process.env['PLURIVERSE'];
  if (named === undefined || !existsSync(named)) {
    throw new Error('PLURIVERSE names no program: `cargo xtask test web` builds one with the app in it and runs these tests');
  }
  return named;
}

export interface Site {
  address: string;
  /** A token that the server takes, where it was started with `--require-token`. */
  token: string;
  /** Bytes that have gone out over the wire since this was called last. */
  takeSent(): number;
  /** Breaks all connections to the server, and lets none through until `mend`. */
  cut(): void;
  mend(): void;
  /** Has the WebSockets' far end read nothing until `go`. */
  stall(): void;
  go(): void;
  close(): Promise<void>;
}

/** A wire to the program that can be cut, and clogged. */
class Wire {
  private readonly pairs = new Map<Socket, { onward: Socket; isWatching: boolean }>();
  private isCut = false;
  sent = 0;

  constructor(private readonly port: number) {}

  take(socket: Socket): void {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const onward = connect(this.port, '127.0.0.1');
    const pair = { onward, isWatching: false };
    this.pairs.set(socket, pair);
    socket.once('data', (first) => (pair.isWatching = /^upgrade: websocket/im.test(first.toString('latin1'))));
    onward.on('data', (chunk) => (this.sent += chunk.length));
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward]) {
      end.on('close', () => (this.pairs.delete(socket), socket.destroy(), onward.destroy()));
      end.on('error', () => undefined);
    }
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.pairs.keys()) socket.destroy();
  }

  mend(): void {
    this.isCut = false;
  }

  stall(): void {
    for (const [socket, { onward, isWatching }] of this.pairs) {
      if (isWatching) onward.unpipe(socket).removeAllListeners('data').pause();
    }
  }

  go(): void {
    for (const [socket, { onward, isWatching }] of this.pairs) if (isWatching) onward.pipe(socket);
  }
}

function makeToken(folder: string): string {
  const { stdout, status } = spawnSync(program(), ['token', 'new', '--scope', 'run', '--data-dir', folder], { encoding: 'utf8' });
  if (status !== 0) throw new Error('no token can be made');
  return stdout.trim();
}

/** Starts the program on a free port with a folder of its own, behind a wire. */
export async function serveApp(...flags: string[]): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'pluriverse-e2e-'));
  const token = flags.includes('--require-token') ? makeToken(folder) : '';
  const child = spawn(program(), ['serve', '--address', '127.0.0.1:0', '--data-dir', folder, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PLURIVERSE_LOG: 'warn' },
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      const found = /http:\/\/[\d.]+:(\d+)/.exec(line)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    void ended.then(() => reject(new Error('the server ended before it said its address')));
  });
  const wire = new Wire(port);
  const relay = createServer((socket) => wire.take(socket));
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(relay.address() as AddressInfo).port}/`,
    token,
    takeSent() {
      const { sent } = wire;
      wire.sent = 0;
      return sent;
    },
    cut: () => wire.cut(),
    mend: () => wire.mend(),
    stall: () => wire.stall(),
    go: () => wire.go(),
    async close() {
      wire.cut();
      await new Promise((resolve) => relay.close(resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
};

/** Serves the built app as any web server would that knows nothing of it. */
export async function serveFiles(): Promise<{ address: string; close(): void }> {
  const files = createFileServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const name = pathname === '/' ? 'index.html' : pathname;
    readFile(join(DIST, name)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  return { address: `http://127.0.0.1:${(files.address() as AddressInfo).port}/`, close: () => (files.close(), files.closeAllConnections()) };
}

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: FLAGS });
}

export interface Visit {
  page: Page;
  context: BrowserContext;
  /** What went wrong in the page without anybody asking. */
  faults: string[];
}

/** A page in a profile of its own. */
export async function visit(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, serviceWorkers: 'block', reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => {
    const isOurs = request.url().startsWith(address) || /^(blob|data|about):/.test(request.url());
    if (!isOurs && address !== 'about:blank') faults.push(`asked elsewhere: ${request.url()}`);
  });
  await page.goto(address);
  return { page, context, faults };
}

/** Opens a scenario of the gallery and waits for its world. */
export async function openWorld(page: Page, title: string): Promise<void> {
  // Other pages have links of the same names.
  await page.getByRole('heading', { name: 'Scenarios', exact: true }).waitFor();
  await page.getByRole('link', { name: `Open ${title}` }).click();
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
}

export const CONTACT = 'Reference contact centre (SSJ)';

/** Simulated time as the transport bar shows it. */
export async function position(page: Page): Promise<string> {
  return (await page.locator('button.position').textContent()) ?? '';
}

/** How many events the world has handled, as shown. */
export async function events(page: Page): Promise<number> {
  return Number((await page.getByTestId('events').textContent())?.replaceAll(',', ''));
}

export async function setSpeed(page: Page, speed: string): Promise<void> {
  await page.getByLabel('Speed').selectOption(speed);
}

/** Goes to a time by typing it. */
export async function goTo(page: Page, time: string): Promise<void> {
  await page.locator('button.position').click();
  await page.getByLabel(/Go to a time/).fill(time);
  await page.keyboard.press('Enter');
}

/** Runs to the end and returns the ledger's hash. */
export async function runToEnd(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Run to the end' }).click();
  await page.locator('.phase.finished').waitFor();
  return shownHash(page);
}

/** The whole hash that the page shows. */
export async function shownHash(page: Page): Promise<string> {
  return (await page.getByTestId('hash').getAttribute('title')) ?? '';
}

/** Waits until `read` gives what `accept` accepts. */
export async function eventually<T>(read: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  let value = await read();
  await expect.poll(async () => accept((value = await read())), { timeout: 20_000, interval: 60 }).toBe(true);
  return value;
}

/** The hash that native runs give a scenario, from `scenarios/golden.txt`. */
export async function goldenHash(name: string): Promise<string> {
  const text = await readFile(fileURLToPath(new URL('../../scenarios/golden.txt', import.meta.url)), 'utf8');
  const line = text.split('\n').find((line) => line.endsWith(`scenarios/${name}`));
  const hash = line?.split(/\s+/).find((word) => /^[0-9a-f]{64}$/.test(word));
  if (hash === undefined) throw new Error(`${name} has no golden hash`);
  return hash;
}
