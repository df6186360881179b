/** The engine in this thread: what there is to run, and worlds. */

import type { Finding, Kind, Results, RunOptions, ScenarioText, WorldOptions } from "./documents.js";
import { EngineError } from "./error.js";
import { Instance } from "./instance.js";
import { request } from "./request.js";
import { World } from "./world.js";

/** A loaded engine, made by `load`. Every world has memory of its own; a defect ends one and no other. */
export class Engine {
  /** Version of the engine: `0.1.0`. */
  readonly version: string;
  /** Revision that it was built from; empty when not known. */
  readonly revision: string;
  readonly #module: WebAssembly.Module;
  #instance: Instance;

  /** @internal Use `load`. */
  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#instance = this.#fresh();
    const { version, revision } = this.#instance.document<{ version: string; revision: string }>("version");
    this.version = version;
    this.revision = revision;
  }

  /** The kinds of world that there are. */
  kinds(): Kind[] {
    return this.#ask((instance) => instance.document("list_kinds"));
  }

  /** JSON Schema (2020-12) of the scenario files of a kind, as text. */
  schema(kind: string): string {
    return this.#ask((instance) => instance.text("schema", kind));
  }

  /** Everything that can be said about a scenario; it can be run when there is no error among it. */
  check(scenario: ScenarioText, options: Pick<RunOptions, "overrides"> = {}): Finding[] {
    return this.#ask((instance) => instance.document("check", request(instance, scenario, options)));
  }

  /** Runs replications of a scenario to their ends, as `pluriverse run --format json` does. */
  run(scenario: ScenarioText, options: RunOptions & { replications?: number } = {}): Results {
    return this.#ask((instance) => instance.document("run", request(instance, scenario, options)));
  }

  /** A new world, before its start. */
  world(scenario: ScenarioText, options: WorldOptions = {}): World {
    return new World(this.#module, scenario, options);
  }

  #fresh(): Instance {
    return new Instance(this.#module, "the call");
  }

  #ask<T>(question: (instance: Instance) => T): T {
    try {
      return question(this.#instance);
    } catch (error) {
      if (error instanceof EngineError && error.code === "defect") this.#instance = this.#fresh();
      throw error;
    }
  }
}
