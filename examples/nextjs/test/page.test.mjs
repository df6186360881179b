// The built site in a real browser: the worker runs, and the ledger is that of every other host.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

const site = new URL("../out/", import.meta.url);
const golden = readFileSync(new URL("../../../scenarios/golden.txt", import.meta.url), "utf8");
const [, hash, events] = /^(\w+) (\d+) scenarios\/mm1\.toml$/m.exec(golden);

const TYPES = { html: "text/html", js: "text/javascript", wasm: "application/wasm", css: "text/css" };

let server, browser;

before(async () => {
  server = createServer(async (request, response) => {
    const path = new URL(request.url, "http://localhost").pathname;
    const file = path.endsWith("/") ? `${path}index.html` : path;
    try {
      const content = await readFile(new URL(`.${file}`, site));
      response.setHeader("content-type", TYPES[file.split(".").at(-1)] ?? "application/octet-stream");
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  server?.close();
});

test("the page runs the queue in a worker and shows the hash of its ledger", async () => {
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("response", (response) => {
    if (response.status() >= 400 && !response.url().endsWith("/favicon.ico")) problems.push(response.url());
  });
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const shown = page.locator("#hash, #problem");
  await shown.waitFor({ timeout: 60_000 });
  assert.equal(await shown.textContent(), hash);
  assert.ok((await page.textContent("dl")).includes(Number(events).toLocaleString("en")));
  assert.deepEqual(problems, []);
});
