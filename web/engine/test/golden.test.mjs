// Every scenario has the ledger hash that it has natively.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "@pluriverse/engine";

import { golden, scenario } from "./scenarios.mjs";

const engine = await load();

assert.ok(golden.length >= 10);
for (const { hash, events, path } of golden) {
  test(`${path} has the committed ledger`, () => {
    const world = engine.world(scenario(path));
    assert.equal(world.run(), "finished");
    assert.equal(world.ledgerHash(), hash);
    assert.equal(world.frame().events, events);
    world.free();
  });
}
