/** Compiles the WebAssembly module in Node: from a file, or from a server. */

import { readFile } from "node:fs/promises";

import { compileGiven, type Source } from "./source.js";
import { compile as compileFetched } from "./compile.web.js";

export type { Source } from "./source.js";

export async function compile(
  source: Source = new URL("../pluriverse.wasm", import.meta.url),
): Promise<WebAssembly.Module> {
  const given = compileGiven(source);
  if (given !== undefined) return given;
  const address = String(source);
  if (/^https?:/.test(address)) return compileFetched(source);
  return WebAssembly.compile(await readFile(address.startsWith("file:") ? new URL(address) : address));
}
