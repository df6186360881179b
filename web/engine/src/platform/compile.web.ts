/** Compiles the WebAssembly module in a browser: streamed where the server says its type, else as bytes. */

import { compileGiven, type Source } from "./source.js";

export type { Source } from "./source.js";

export async function compile(
  source: Source = new URL("../pluriverse.wasm", import.meta.url),
): Promise<WebAssembly.Module> {
  const given = compileGiven(source);
  if (given !== undefined) return given;
  const response = await fetch(source as URL | string);
  if (!response.ok) throw new Error(`${response.url} answers ${response.status}`);
  if (response.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(response);
  return WebAssembly.compile(await response.arrayBuffer());
}
