/** Starts what the tests look at: the built app behind a plain file server, and Debian's Chromium. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { expect } from 'vitest';

export const DIST = fileURLToPath(new URL('../app/dist', import.meta.url));

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--enable-unsafe-swiftshader',
];

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.svg': 'image/svg+xml',
};

export interface Site {
  address: string;
  /** Bytes that went out for each path, as they went over the wire. */
  sent: Map<string, number>;
  /** Paths that were asked for and not found. */
  missing: string[];
  /** Breaks all connections to the server behind, and lets none through until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** The way to a server behind the site, that can be cut. */
class Line {
  private readonly sockets = new Set<Socket>();
  isCut = false;

  constructor(private readonly behind: URL) {}

  /** Hands a request on. */
  pass(request: IncomingMessage, response: ServerResponse): void {
    if (this.isCut) {
      request.socket.destroy();
      return;
    }
    const { hostname, port } = this.behind;
    const onward = forward({ hostname, port, path: request.url, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  /** Hands a WebSocket on. */
  upgrade(request: IncomingMessage, socket: Socket): void {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const onward = connect(Number(this.behind.port), this.behind.hostname, () => {
      const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
      onward.write(`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1\r\n${headers.join('')}\r\n`);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [socket, onward]) {
      this.sockets.add(end);
      end.on('close', () => (this.sockets.delete(end), socket.destroy(), onward.destroy()));
      end.on('error', () => undefined);
    }
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }
}

/** Serves the built app as any web server would; `/api` is handed on to the server `behind`, if there is one. */
export async function serveApp(behind?: string): Promise<Site> {
  if (!existsSync(join(DIST, 'index.html'))) throw new Error(`${DIST} is not built: run \`npm run build -w app\` in web/`);
  const sent = new Map<string, number>();
  const missing: string[] = [];
  const line = behind === undefined ? null : new Line(new URL(behind));
  const server: Server = createServer((request, response) => {
    if (line && request.url?.startsWith('/api/')) {
      line.pass(request, response);
      return;
    }
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname === '/' ? '/index.html' : pathname;
    readFile(join(DIST, path)).then(
      (content) => {
        const packed = gzipSync(content);
        sent.set(path, packed.length);
        response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', 'content-encoding': 'gzip' });
        response.end(packed);
      },
      () => {
        missing.push(path);
        response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
      },
    );
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => (line ? line.upgrade(request, socket) : socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    sent,
    missing,
    cut: () => line?.cut(),
    mend: () => {
      if (line) line.isCut = false;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
    // Without a server, asking for one is answered with 404, which Chromium notes.
    if (message.type() === 'error' && !message.text().includes('404')) faults.push(message.text());
  });
  await page.goto(address);
  return { page, context, faults };
}

/** Opens a scenario of the gallery and waits for its world. */
export async function openWorld(page: Page, title: string): Promise<void> {
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
