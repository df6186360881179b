// The runnable examples of the repository, and the ledger hash that each must have wherever it runs.
import { readFileSync, readdirSync } from "node:fs";

const root = new URL("../../../", import.meta.url);

/** A scenario by its path, with every file beside it that it may refer to. */
export function scenario(path) {
  const folder = new URL(path.slice(0, path.lastIndexOf("/") + 1), root);
  const beside = readdirSync(folder).filter((name) => name.endsWith(".csv"));
  return {
    name: path,
    text: readFileSync(new URL(path, root), "utf8"),
    files: Object.fromEntries(beside.map((name) => [name, readFileSync(new URL(name, folder))])),
  };
}

/** Lines of the committed list. */
export const golden = readFileSync(new URL("scenarios/golden.txt", root), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split(" "))
  .map(([hash, events, path]) => ({ hash, events: Number(events), path }));

/** A small world that is quickly run and has everything: sources, waiting, giving up. */
export const desk = {
  name: "desk.toml",
  text: `
kind = "process"
[run]
until = "8h"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "1m" } }
patience = { exponential = { mean = "10m" } }
`,
};
