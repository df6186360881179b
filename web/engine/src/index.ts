/** Pluriverse in JavaScript: worlds that run in this thread. For one that must not wait, see `worker.ts`. */

import { compile, type Source } from "#compile";
import { Engine } from "./engine.js";
import { EngineError } from "./error.js";

export type * from "./documents.js";
export type { Source } from "#compile";
export { Engine } from "./engine.js";
export { EngineError, type ErrorCode } from "./error.js";
export { World } from "./world.js";

/** How the engine is loaded. */
export interface LoadOptions {
  /** The module: compiled, or its bytes, or where they are; by default the file beside this one. */
  wasm?: Source;
}

/** Loads the engine. */
export async function load(options: LoadOptions = {}): Promise<Engine> {
  let module: WebAssembly.Module;
  try {
    module = await compile(options.wasm);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new EngineError("unavailable", `the engine cannot be loaded: ${why}`, [], { cause: error });
  }
  return new Engine(module);
}
