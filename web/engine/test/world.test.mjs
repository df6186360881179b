// Calls of a world: none changes what happens, each does what it says, and what is wrong is said.
import assert from "node:assert/strict";
import { test } from "node:test";

import { EngineError, load } from "@pluriverse/engine";

import { desk } from "./scenarios.mjs";

const engine = await load();
const straight = engine.run(desk);

function finished(world) {
  assert.equal(world.run(), "finished");
  assert.equal(world.ledgerHash(), straight.ledger_hash);
}

test("steps, pauses, looks and seeks leave the ledger of a straight run", () => {
  const world = engine.world(desk);
  assert.equal(world.frame().phase, "new");
  world.start();
  for (let step = 0; step < 100; step += 1) assert.equal(world.step(), "more");
  world.pause();
  assert.equal(world.run(), "paused");
  assert.equal(world.frame().events, 100);
  assert.equal(world.step(), "more");
  world.resume();
  assert.equal(world.play(600, 50), "more");
  assert.equal(world.runUntil(7200), "more");
  assert.equal(world.frame().now_seconds, 7200);
  world.feed(10);
  assert.equal(world.seek(1234.5), "more");
  assert.equal(world.frame().now_seconds, 1234.5);
  assert.equal(world.run(10), "more");
  finished(world);
  assert.equal(world.frame().phase, "finished");
  assert.deepEqual(world.results(), straight);
});

test("a snapshot goes on elsewhere, and a branch by itself", () => {
  const world = engine.world(desk);
  assert.throws(() => world.branch(), { code: "wrong_phase" });
  world.runUntil(3600);
  const snapshot = world.snapshot();
  const branch = world.branch();
  const other = engine.world(desk);
  other.restore(snapshot);
  assert.equal(other.frame().now_seconds, 3600);
  for (const one of [world, branch, other]) finished(one);
  assert.throws(() => other.restore(new Uint8Array([1, 2, 3])), { code: "bad_snapshot" });
  finished(other);
});

test("another seed, replication or value makes another run, the same one the same", () => {
  const run = (options) => {
    const world = engine.world(desk, options);
    world.run();
    return world.ledgerHash();
  };
  const changes = [
    {},
    { seed: 2 },
    { seed: 2n ** 64n - 1n },
    { replication: 1 },
    { overrides: { "stations.desk.agents": 2 } },
    { overrides: { "stations.desk.service": '{ constant = "50s" }' } },
  ];
  const hashes = changes.map(run);
  assert.equal(new Set(hashes).size, changes.length);
  assert.deepEqual(changes.map(run), hashes);
  assert.equal(hashes[0], straight.ledger_hash);
  for (const seed of [1.5, 2 ** 53, -1]) assert.throws(() => engine.world(desk, { seed }), { code: "bad_request" });
});

test("a description tells what the numbers of a row mean", () => {
  const world = engine.world(desk, { seed: 7 });
  const { kind, seed, until_seconds, dictionary, diagram } = world.describe();
  assert.deepEqual([kind, seed, until_seconds], ["process", 7, 28800]);
  world.runUntil(3600);
  const { events, dropped } = world.feed(10);
  assert.deepEqual([events.length, dropped], [10, world.frame().rows - 10]);
  assert.ok(events.every((row) => dictionary.kinds[row.kind] !== undefined));
  assert.equal(diagram.nodes.length, 3);
  assert.deepEqual(world.feed(10), { events: [], dropped: 0 });
});

test("causes lead back to the first, however long ago", () => {
  const world = engine.world(desk, { keepLedger: true });
  world.run();
  const chain = world.causes(world.frame().rows - 1);
  assert.ok(chain.length > 2);
  assert.equal(chain.at(-1).cause, null);
  for (const [index, row] of chain.entries()) {
    if (index > 0) assert.equal(row.row, chain[index - 1].cause);
  }
  assert.deepEqual(world.causes(1e9), []);
});

test("a subscriber hears every event of its kinds once, until it leaves", () => {
  const world = engine.world(desk);
  const { kinds } = world.describe().dictionary;
  const heard = [];
  const [all, arrivals] = [[], []];
  world.subscribe(null, (feed) => all.push(...feed.events));
  const leave = world.subscribe([kinds[0].name], ({ events }) => arrivals.push(...events));
  world.subscribe([kinds[1].name], ({ events }) => heard.push(events.length));
  for (let hour = 1; hour <= 4; hour += 1) world.runUntil(3600 * hour);
  const count = arrivals.length;
  assert.ok(count > 100);
  leave();
  leave();
  world.run();
  assert.equal(arrivals.length, count);
  assert.deepEqual(all.map(({ row }) => row), [...all.keys()]);
  assert.equal(all.length, world.frame().rows);
  assert.ok(arrivals.every(({ kind }) => kind === 0));
  assert.deepEqual(arrivals, all.filter(({ kind }) => kind === 0).slice(0, count));
  assert.throws(() => world.subscribe(["arive"], () => {}), (error) => {
    assert.equal(error.code, "bad_request");
    assert.match(error.message, /did you mean `arrive`\?/);
    return true;
  });
  assert.equal(world.ledgerHash(), straight.ledger_hash);
});

test("a wrong scenario is answered with findings and their places", () => {
  const wrong = { name: "desk.toml", text: desk.text.replace("agents = 1", "agnts = 1") };
  const findings = engine.check(wrong);
  assert.equal(findings[0].severity, "error");
  assert.equal(findings[0].place.line, wrong.text.split("\n").indexOf("agnts = 1") + 1);
  assert.match(findings[0].help, /agents/);
  assert.deepEqual(engine.check(desk), []);
  for (const call of [() => engine.world(wrong), () => engine.run(wrong)]) {
    assert.throws(call, (error) => {
      assert.ok(error instanceof EngineError);
      assert.equal(error.code, "bad_scenario");
      assert.deepEqual(error.findings, findings);
      return true;
    });
  }
  const lost = { name: "trace.toml", text: 'kind = "process"\n[sources.a]\ntrace = { file = "a.csv" }\n' };
  assert.ok(engine.check(lost).length > 0);
});

test("kinds and their schemas are told", () => {
  const kinds = engine.kinds();
  assert.ok(kinds.some(({ name }) => name === "process"));
  for (const { name, summary } of kinds) {
    assert.ok(summary.length > 0);
    assert.equal(JSON.parse(engine.schema(name)).properties.kind.oneOf[0].const, name);
  }
  assert.throws(() => engine.schema("nothing"), { code: "bad_request" });
});

test("times and numbers that are none are refused, and the world is as it was", () => {
  const world = engine.world(desk);
  world.runUntil(100);
  assert.throws(() => world.seek(NaN), { code: "bad_request" });
  assert.throws(() => world.runUntil(NaN), { code: "bad_request" });
  assert.throws(() => engine.run(desk, { replications: 0 }), { code: "bad_request" });
  assert.equal(world.run(-5), "more");
  finished(world);
});
