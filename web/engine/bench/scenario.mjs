// Replications of a scenario, timed: node scenario.mjs FILE RUNS prints a line as the native measurement does.
import { readFileSync } from "node:fs";
import { argv, cpuUsage, hrtime } from "node:process";

import { load } from "@pluriverse/engine";

const [file, runs] = argv.slice(2);
const engine = await load();
const scenario = { name: file, text: readFileSync(file, "utf8") };
// Like any page that has run a while: by now the module is compiled with all optimisations.
engine.run(scenario, { replications: Math.ceil(runs / 10) });

const [before, started] = [cpuUsage(), hrtime.bigint()];
const results = engine.run(scenario, { replications: Number(runs) });
const { user, system } = cpuUsage(before);
const wall = hrtime.bigint() - started;

const answer = { events: results.events, hash: results.ledger_hash };
const line = {
  units: Math.trunc(results.sim_seconds),
  cpu_nanos: (user + system) * 1000,
  wall_nanos: Number(wall),
  answer,
};
console.log(JSON.stringify(line));
