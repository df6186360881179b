/**
 * Pluriverse in a worker: the same engine, asked across a border, so that the page never waits for a world.
 *
 * Worlds are shown by frames that come by themselves, at most one for each that the page draws.
 */

import { spawn, type Peer } from "#spawn";

import type { Finding, Kind, Progress, Results, RunOptions, ScenarioText, WorldOptions } from "./documents.js";
import { EngineError } from "./error.js";
import type { LoadOptions } from "./index.js";
import { RemoteWorld } from "./worker/remote.js";
import { fromFault, type ToPage, type ToWorker } from "./worker/messages.js";

export type * from "./documents.js";
export type { LoadOptions } from "./index.js";
export { EngineError, type ErrorCode } from "./error.js";
export { RemoteWorld, type WorldEvents } from "./worker/remote.js";

/** Starts a worker and loads the engine in it. */
export async function load(options: LoadOptions = {}): Promise<RemoteEngine> {
  const wire = new Wire(spawn());
  try {
    const { version, revision } = (await wire.ask(undefined, "load", [options])) as Record<"version" | "revision", string>;
    return new RemoteEngine(wire, version, revision);
  } catch (error) {
    wire.close();
    throw error;
  }
}

/** An engine in a worker. Worlds of one engine share its thread; for two at once, load two. */
export class RemoteEngine {
  readonly #wire: Wire;

  /** @internal Use `load`. */
  constructor(
    wire: Wire,
    /** Version of the engine: `0.1.0`. */
    readonly version: string,
    /** Revision that it was built from; empty when not known. */
    readonly revision: string,
  ) {
    this.#wire = wire;
  }

  /** The kinds of world that there are. */
  kinds(): Promise<Kind[]> {
    return this.#ask("kinds");
  }

  /** JSON Schema (2020-12) of the scenario files of a kind, as text. */
  schema(kind: string): Promise<string> {
    return this.#ask("schema", kind);
  }

  /** Everything that can be said about a scenario; it can be run when there is no error among it. */
  check(scenario: ScenarioText, options: Pick<RunOptions, "overrides"> = {}): Promise<Finding[]> {
    return this.#ask("check", scenario, options);
  }

  /** Runs replications of a scenario to their ends; the worker does nothing else meanwhile. */
  run(scenario: ScenarioText, options: RunOptions & { replications?: number } = {}): Promise<Results> {
    return this.#ask("run", scenario, options);
  }

  /** A new world, before its start. */
  async world(scenario: ScenarioText, options: WorldOptions = {}): Promise<RemoteWorld> {
    return new RemoteWorld(this.#wire, await this.#ask<number>("world", scenario, options));
  }

  /** Ends the worker with everything in it; calls that wait are refused. */
  close(): void {
    this.#wire.close();
  }

  async #ask<T>(call: string, ...args: unknown[]): Promise<T> {
    return (await this.#wire.ask(undefined, call, args)) as T;
  }
}

type Waiting = { resolve: (value: unknown) => void; reject: (error: EngineError) => void };

/** The page's end of the border: who waits for which answer. */
export class Wire {
  readonly #peer: Peer;
  readonly #waiting = new Map<number, Waiting>();
  readonly #worlds = new Map<number, RemoteWorld>();
  #calls = 0;
  #end: EngineError | undefined;

  constructor(peer: Peer) {
    this.#peer = peer;
    peer.listen(
      (message) => this.#hear(message as ToPage),
      (why) => this.#fail(new EngineError("unavailable", `the engine's worker has failed: ${why}`)),
    );
  }

  ask(world: number | undefined, call: string, args: unknown[]): Promise<unknown> {
    if (this.#end !== undefined) return Promise.reject(this.#end);
    const id = this.#calls;
    this.#calls += 1;
    const message = { id, call, args, ...(world === undefined ? {} : { world }) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#say(message);
    });
  }

  settle(number: number, world: RemoteWorld): void {
    this.#worlds.set(number, world);
  }

  leave(number: number): void {
    this.#worlds.delete(number);
  }

  shown(world: number): void {
    if (this.#end === undefined) this.#say({ shown: world });
  }

  close(): void {
    this.#fail(new EngineError("freed", "the engine's worker has been closed"));
    this.#peer.close();
  }

  #say(message: ToWorker): void {
    this.#peer.post(message);
  }

  #hear(message: ToPage): void {
    if ("what" in message) {
      this.#worlds.get(message.world)?.hear(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("fault" in message) waiting?.reject(fromFault(message.fault));
    else waiting?.resolve(message.value);
  }

  #fail(error: EngineError): void {
    if (this.#end !== undefined) return;
    this.#end = error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    for (const world of this.#worlds.values()) world.fail(error);
    this.#worlds.clear();
  }
}

export type { Progress };
