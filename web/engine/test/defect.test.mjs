// A defect ends one world and no other; what is freed is freed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { load } from "@pluriverse/engine";
import { Instance } from "../dist/instance.js";

import { desk } from "./scenarios.mjs";

const bytes = readFileSync(new URL("../dist/pluriverse.wasm", import.meta.url));
const module = await WebAssembly.compile(bytes);
const engine = await load({ wasm: module });

test("a panic ends its instance with what it said", () => {
  const instance = new Instance(module, "the world of `desk.toml`");
  // A path longer than the words it stands in: no caller of the package can say that.
  const wrong = () => instance.bytes("give_file", new Uint8Array(3), 1_000_000);
  for (const again of [wrong, () => instance.text("world_step")]) {
    assert.throws(again, (error) => {
      assert.equal(error.code, "defect");
      assert.match(error.message, /^a defect in the program ended the world of `desk.toml`: .*split index/);
      assert.ok(!error.message.includes(process.env.HOME), error.message);
      return true;
    });
  }
});

test("memory that is overwritten ends a world, and the others go on", (context) => {
  const exported = [];
  const original = WebAssembly.Instance;
  context.mock.method(WebAssembly, "Instance", function (...args) {
    const instance = new original(...args);
    exported.push(instance.exports);
    return instance;
  });
  const [hurt, other] = [engine.world(desk), engine.world(desk)];
  context.mock.restoreAll();
  for (const world of [hurt, other]) world.runUntil(3600);
  new Uint8Array(exported[0].memory.buffer).fill(0xff);
  assert.throws(() => hurt.run(), { code: "defect", message: /ended the world of `desk.toml`: / });
  assert.throws(() => hurt.frame(), { code: "defect" });
  hurt.free();
  other.run();
  assert.equal(other.ledgerHash(), engine.run(desk).ledger_hash);
});

test("a freed world refuses every call", () => {
  const world = engine.world(desk);
  world.run();
  world.free();
  world.free();
  for (const call of ["frame", "run", "snapshot", "ledger"]) {
    assert.throws(() => world[call](), { code: "freed", message: "the world of `desk.toml` has been freed" });
  }
});

test("worlds come and go, and memory stays", () => {
  const wide = { ...desk, text: desk.text.replace('"8h"', '"20000h"') };
  const used = () => {
    globalThis.gc();
    return process.memoryUsage().arrayBuffers;
  };
  const before = used();
  for (let round = 0; round < 300; round += 1) {
    const world = engine.world(wide, { keepLedger: true });
    world.run(50_000);
    world.free();
  }
  const grown = used() - before;
  assert.ok(grown < 64 << 20, `${grown} bytes are still in use`);
});

test("what cannot be loaded is told", async () => {
  await assert.rejects(load({ wasm: new Uint8Array([0, 1, 2]) }), { code: "unavailable", message: /cannot be loaded/ });
  await assert.rejects(load({ wasm: "/nowhere/at/all.wasm" }), { code: "unavailable", message: /nowhere/ });
});
