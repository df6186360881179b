// Replications of a scenario in Chromium, timed: node browser.mjs FILE RUNS prints a line as the native measurement
// does. Processor time is that of the page's process.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { argv, env, hrtime } from "node:process";

import { chromium } from "playwright-core";

const [file, runs] = argv.slice(2);
const module = readFileSync(new URL("../dist/pluriverse.wasm", import.meta.url)).toString("base64");
const request = JSON.stringify({ name: file, text: readFileSync(file, "utf8"), replications: Number(runs) });

/** In the page: what `Engine.run` does. The scripts of the package wait for a bundler. */
async function run([module, request]) {
  if (module !== null) {
    const bytes = Uint8Array.from(atob(module), (letter) => letter.charCodeAt(0));
    globalThis.engine = (await WebAssembly.instantiate(bytes, {})).instance.exports;
  }
  const words = new TextEncoder().encode(request);
  const { memory, buffer, answer_place, run } = globalThis.engine;
  const place = buffer(words.length);
  new Uint8Array(memory.buffer, place, words.length).set(words);
  const length = run();
  const answer = new Uint8Array(memory.buffer, answer_place(), Math.abs(length));
  return JSON.parse(new TextDecoder().decode(answer));
}

const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({ executablePath: env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const tools = await page.context().newCDPSession(page);
  await tools.send("Performance.enable");
  const cpuSeconds = async () => {
    const { metrics } = await tools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ProcessTime").value;
  };
  // By the second time the module is compiled with all optimisations, as in any page that has run a while.
  await page.evaluate(run, [module, request]);
  const [before, started] = [await cpuSeconds(), hrtime.bigint()];
  const results = await page.evaluate(run, [null, request]);
  const wall = hrtime.bigint() - started;
  const line = {
    units: Math.trunc(results.sim_seconds),
    cpu_nanos: Math.round(((await cpuSeconds()) - before) * 1e9),
    wall_nanos: Number(wall),
    answer: { events: results.events, hash: results.ledger_hash },
  };
  console.log(JSON.stringify(line));
} finally {
  await browser.close();
  server.close();
}
