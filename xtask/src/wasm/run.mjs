// Runs scenarios in the WebAssembly probe: node run.mjs PROBE.wasm [ATTACHMENT...] -- SCENARIO...
// Prints "hash events path" for each, as scenarios/golden.txt has it.
import { readFileSync } from "node:fs";
import { argv } from "node:process";

const [probe, ...files] = argv.slice(2);
const scenarios = files.splice(files.indexOf("--")).slice(1);
const { instance } = await WebAssembly.instantiate(readFileSync(probe), {});
const { memory, buffer, keep_file, run_scenario } = instance.exports;

// Asking for the buffer may grow the memory, which detaches the old view of it: ask first.
const view = (length) => {
  const start = buffer(length);
  return new Uint8Array(memory.buffer, start, length);
};
const give = (bytes) => view(bytes.length).set(bytes);
const name = (path) => new TextEncoder().encode(path);

for (const path of [...files, ...scenarios]) {
  give(Buffer.concat([name(path), readFileSync(path)]));
  keep_file(name(path).length);
}
for (const path of scenarios) {
  give(name(path));
  const length = run_scenario();
  console.log(`${new TextDecoder().decode(view(length))} ${path}`);
}
