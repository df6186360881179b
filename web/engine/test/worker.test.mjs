// The same engine in a worker: every call, and playing that never keeps the page waiting.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { load as loadHere } from "@pluriverse/engine";
import { EngineError, load } from "@pluriverse/engine/worker";

import { desk, scenario } from "./scenarios.mjs";

const here = await loadHere();
const engine = await load();
after(() => engine.close());
const straight = here.run(desk);

/** The next event of a world. */
function next(world, what) {
  return new Promise((resolve) => {
    const leave = world.on(what, (event) => {
      leave();
      resolve(event);
    });
  });
}

test("answers are those of the engine in this thread", async () => {
  assert.equal(engine.version, here.version);
  assert.deepEqual(await engine.kinds(), here.kinds());
  assert.equal(await engine.schema("process"), here.schema("process"));
  assert.deepEqual(await engine.run(desk, { replications: 3 }), here.run(desk, { replications: 3 }));
  const wrong = { ...desk, text: "kind = 1" };
  assert.deepEqual(await engine.check(wrong), here.check(wrong));
  await assert.rejects(engine.world(wrong), (error) => {
    assert.ok(error instanceof EngineError);
    assert.equal(error.code, "bad_scenario");
    assert.deepEqual(error.findings, here.check(wrong));
    return true;
  });
});

test("the whole life of a world", async () => {
  const world = await engine.world(desk, { keepLedger: true });
  const local = here.world(desk, { keepLedger: true });
  assert.deepEqual(await world.describe(), local.describe());
  await world.start();
  assert.equal(await world.step(), "more");
  local.step();
  assert.deepEqual(await world.frame(), local.frame());
  assert.equal(await world.runUntil(3600), "more");
  assert.equal((await world.frame()).now_seconds, 3600);
  assert.equal(await world.runUntil(1e9, 10), "more");
  local.runUntil(3600);
  local.run(10);
  assert.deepEqual(await world.frame(), local.frame());
  await world.pause();
  assert.equal(await world.run(), "paused");
  await world.resume();
  assert.equal(await world.seek(1800), "more");
  const snapshot = await world.snapshot();
  const branch = await world.branch();
  const other = await engine.world(desk);
  await other.restore(snapshot);
  for (const one of [world, branch, other]) {
    assert.equal(await one.run(), "finished");
    assert.equal(await one.ledgerHash(), straight.ledger_hash);
    assert.deepEqual(await one.results(), straight);
  }
  local.run();
  assert.deepEqual(await world.ledger(), local.ledger());
  assert.deepEqual(await world.causes(500), local.causes(500));
  await world.free();
  await assert.rejects(world.frame(), { code: "freed" });
});

test("playing flat out ends with the ledger of a straight run, shown in few frames", async () => {
  const world = await engine.world(scenario("scenarios/mm1.toml"));
  const frames = [];
  world.on("frame", ({ frame }) => frames.push(frame));
  const started = performance.now();
  await world.play(null);
  assert.deepEqual(await next(world, "end"), { progress: "finished" });
  const millis = performance.now() - started;
  assert.ok(frames.length <= millis / 16 + 2, `${frames.length} frames in ${millis} ms`);
  assert.equal((await world.frame()).phase, "finished");
  const local = here.run(scenario("scenarios/mm1.toml"));
  assert.equal(await world.ledgerHash(), local.ledger_hash);
  await world.free();
});

test("playing at a speed keeps to it, takes another, and stops", async () => {
  const world = await engine.world(desk);
  const started = performance.now();
  await world.play(1000);
  await sleep(300);
  await world.stopPlaying();
  const { now_seconds } = await world.frame();
  const most = performance.now() - started;
  assert.ok(now_seconds > 100 && now_seconds <= most, `${now_seconds} s of at most ${most} s`);
  await sleep(50);
  assert.equal((await world.frame()).now_seconds, now_seconds);
  await world.play(1);
  await world.play(1e7);
  assert.deepEqual(await next(world, "end"), { progress: "finished" });
  assert.equal(await world.ledgerHash(), straight.ledger_hash);
});

test("pausing ends playing, and other worlds are answered meanwhile", async () => {
  const long = await engine.world(scenario("scenarios/mega-centre.toml"));
  const other = await engine.world(desk);
  await long.play(null);
  await other.runUntil(600);
  assert.equal((await other.frame()).now_seconds, 600);
  await long.pause();
  assert.deepEqual(await next(long, "end"), { progress: "paused" });
  const { events, phase } = await long.frame();
  assert.equal(phase, "paused");
  assert.ok(events < 2_893_263);
  await long.free();
});

test("a run can be paused from outside", async () => {
  const world = await engine.world(scenario("scenarios/mega-centre.toml"));
  const run = world.run();
  await world.pause();
  assert.equal(await run, "paused");
  await world.free();
});

test("subscribers hear everything, in order, or are told how much not", async () => {
  const world = await engine.world(desk);
  const rows = [];
  let dropped = 0;
  const leave = await world.subscribe(null, (feed) => {
    rows.push(...feed.events);
    dropped += feed.dropped;
  });
  await world.play(null);
  await next(world, "end");
  const { rows: all } = await world.frame();
  while (rows.length + dropped < all) await next(world, "frame");
  assert.equal(rows.length + dropped, all);
  assert.deepEqual(rows.map(({ row }) => row), [...rows.keys()].map((index) => index + dropped));
  await leave();
  await leave();
});

test("a closed engine refuses what waits and what comes", async () => {
  const short = await load();
  const world = await short.world(desk);
  const failed = next(world, "error");
  const waiting = short.run(scenario("scenarios/mm1.toml"));
  short.close();
  await assert.rejects(waiting, { code: "freed" });
  await assert.rejects(world.frame(), { code: "freed" });
  assert.equal((await failed).code, "freed");
});

test("an engine that cannot be loaded says so", async () => {
  await assert.rejects(load({ wasm: "/nowhere/at/all.wasm" }), { code: "unavailable", message: /nowhere/ });
});
