// A ledger leaves as Arrow: `apache-arrow` reads its rows, `pluriverse verify` runs it again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { load } from "@pluriverse/engine";
import { tableFromIPC } from "apache-arrow";

import { desk, scenario } from "./scenarios.mjs";

const engine = await load();
const folder = mkdtempSync(join(tmpdir(), "pluriverse-engine-"));
after(() => rmSync(folder, { recursive: true }));

function verify(bytes) {
  const file = join(folder, "run.arrow");
  writeFileSync(file, bytes);
  const files = new URL("../../../scenarios/", import.meta.url).pathname;
  return execFileSync(process.env.PLURIVERSE, ["verify", "--files", files, file], { encoding: "utf8" });
}

const verified = { skip: process.env.PLURIVERSE ? false : "PLURIVERSE names no program: `cargo xtask test engine` does" };

test("apache-arrow reads the rows that the feed tells", () => {
  const world = engine.world(desk);
  const rows = [];
  world.subscribe(null, ({ events }) => rows.push(...events));
  world.run();
  const table = tableFromIPC(world.ledger());
  assert.deepEqual(table.schema.fields.map(({ name }) => name), ["time", "kind", "subject", "object", "value", "cause"]);
  assert.equal(table.numRows, rows.length);
  const header = JSON.parse(table.schema.metadata.get("pluriverse.header"));
  assert.equal(header.provenance.scenario_text, desk.text);
  assert.equal(header.provenance.engine, engine.version);
  for (const [index, row] of rows.entries()) {
    const { time, kind, subject, object, value, cause } = table.get(index);
    const got = [Number(time) / 1e9, kind, subject, object, value, cause === null ? null : Number(cause)];
    assert.deepEqual(got, [row.time_seconds, row.kind, row.subject, row.object, row.value ?? value, row.cause]);
  }
});

test("kept rows and rows made again are the same bytes", () => {
  const path = "scenarios/tandem.toml";
  const [kept, again] = [true, false].map((keepLedger) => {
    const world = engine.world(scenario(path), { keepLedger });
    world.run(300_000);
    return world;
  });
  assert.ok(again.frame().rows > 2 * 65536);
  assert.deepEqual(again.ledger(), kept.ledger());
  again.free();
  kept.free();
});

test("a whole ledger is verified by the command line, files and overrides included", verified, () => {
  for (const [path, options] of [
    ["scenarios/contact-centre.toml", {}],
    ["scenarios/claims-trace.toml", { seed: 2n ** 63n, replication: 3 }],
    ["scenarios/mm1.toml", { overrides: { "run.until": "20h", "run.warm_up": "1h" } }],
  ]) {
    const world = engine.world(scenario(path), options);
    world.run();
    const report = verify(world.ledger());
    assert.match(report, /a second run makes the same/);
    assert.ok(report.includes(world.ledgerHash()), report);
    world.free();
  }
});

test("a part of a ledger says that it is one, and is verified as far as it goes", verified, () => {
  const world = engine.world(desk);
  assert.match(verify(world.ledger()), /rows +0\n/);
  world.runUntil(3600);
  const branch = world.branch();
  assert.match(verify(world.ledger()), /verified as far as it goes \(the ledger was taken at 1h\)/);
  branch.run();
  assert.match(verify(branch.ledger()), /: verified\n/);
});
