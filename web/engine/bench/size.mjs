// What a page loads for the engine: prints each part's size, as it is and as servers send it.
import { readFileSync, readdirSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const scripts = readdirSync(dist, { recursive: true }).filter((name) => name.endsWith(".js") && !name.includes(".node."));

const size = (name, bytes) => ({
  name,
  bytes: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});
const read = (name) => readFileSync(new URL(name, dist));
const parts = [
  size("`pluriverse.wasm`", read("pluriverse.wasm")),
  size("its scripts, not minified", Buffer.concat(scripts.map(read))),
];
console.log(JSON.stringify(parts));
