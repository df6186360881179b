/** A world in this thread: moved, looked at, saved, branched. */

import type { Description, EventRow, Feed, Frame, Progress, Results, ScenarioText, WorldOptions } from "./documents.js";
import { Instance } from "./instance.js";
import { request } from "./request.js";

/**
 * A running instance of a scenario, made by `Engine.world`.
 *
 * Calls are those of every host, and none changes what happens: the ledger is that of a straight run. A call that
 * moves the world takes as long as it takes; `maxEvents` bounds it.
 */
export class World {
  readonly #module: WebAssembly.Module;
  readonly #scenario: ScenarioText;
  readonly #options: WorldOptions;
  readonly #instance: Instance;
  readonly #listeners = new Map<number, (feed: Feed) => void>();

  /** @internal Use `Engine.world`. */
  constructor(module: WebAssembly.Module, scenario: ScenarioText, options: WorldOptions) {
    this.#module = module;
    this.#scenario = scenario;
    this.#options = options;
    this.#instance = new Instance(module, `the world of \`${scenario.name}\``);
    this.#instance.bytes("open", request(this.#instance, scenario, options));
  }

  /** What stays the same. */
  describe(): Description {
    return this.#instance.document("world_describe");
  }

  /** How it stands. */
  frame(): Frame {
    return this.#instance.document("world_frame");
  }

  /** What has happened since the last call, at most the latest `limit` rows. */
  feed(limit: number): Feed {
    return this.#instance.document("world_feed", undefined, limit);
  }

  /** A row and what led to it, the first cause last; as far back as rows are kept. */
  causes(row: number): EventRow[] {
    return this.#instance.document("world_causes", undefined, row);
  }

  /** What it has come to. */
  results(): Results {
    return this.#instance.document("world_results");
  }

  /** Begins; moving a new world begins it too. */
  start(): void {
    this.#instance.text("world_start");
    this.#tell();
  }

  /** Handles one event. */
  step(): Progress {
    return this.#move("world_step");
  }

  /** Handles everything to the end, but at most `maxEvents`. */
  run(maxEvents = Infinity): Progress {
    return this.#move("world_run", maxEvents);
  }

  /** Handles everything due up to a time, but at most `maxEvents`. */
  runUntil(seconds: number, maxEvents = Infinity): Progress {
    return this.#move("world_run_until", seconds, maxEvents);
  }

  /** Lets so much simulated time pass, but handles at most `maxEvents`. */
  play(seconds: number, maxEvents = Infinity): Progress {
    return this.#move("world_play", seconds, maxEvents);
  }

  /** Goes to a time, forwards or back. */
  seek(seconds: number): Progress {
    return this.#move("world_seek", seconds);
  }

  /** Holds it: `run`, `runUntil` and `play` do nothing until `resume`. */
  pause(): void {
    this.#instance.text("world_pause");
  }

  /** Lets a paused world go on. */
  resume(): void {
    this.#instance.text("world_resume");
  }

  /**
   * Has `listener` called after each call that moves the world, when something of these kinds (`null`: of any) has
   * happened in it. It gets what is among the latest 65,536 rows. Returns how to end that.
   */
  subscribe(kinds: string[] | null, listener: (feed: Feed) => void): () => void {
    const number = this.#instance.document<number>("world_subscribe", JSON.stringify(kinds));
    this.#listeners.set(number, listener);
    return () => {
      if (this.#listeners.get(number) !== listener) return;
      this.#listeners.delete(number);
      this.#instance.text("world_unsubscribe", undefined, number);
    };
  }

  /** The complete state, for going on elsewhere or later. */
  snapshot(): Uint8Array {
    return this.#instance.bytes("world_snapshot", undefined);
  }

  /** Becomes what the snapshot was. */
  restore(snapshot: Uint8Array): void {
    this.#instance.bytes("world_restore", snapshot);
    this.#tell();
  }

  /** A second world that goes on from here by itself. */
  branch(): World {
    const state = this.#instance.bytes("world_branch", undefined);
    const branch = new World(this.#module, this.#scenario, this.#options);
    branch.restore(state);
    return branch;
  }

  /** The hash of the ledger so far, in hexadecimal. */
  ledgerHash(): string | null {
    return this.#instance.text("world_hash") || null;
  }

  /**
   * The ledger so far as an Arrow IPC file: `apache-arrow` reads it, `pluriverse verify` runs it again. Rows that were
   * let go are made again, which takes as long as the run did.
   */
  ledger(): Uint8Array {
    return this.#instance.bytes("world_ledger", undefined);
  }

  /** Lets go of all its memory; every later call is refused. */
  free(): void {
    this.#listeners.clear();
    this.#instance.free();
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }

  #move(call: string, ...numbers: number[]): Progress {
    try {
      return this.#instance.text(call, undefined, ...numbers) as Progress;
    } finally {
      this.#tell();
    }
  }

  #tell(): void {
    for (const [number, listener] of this.#listeners) {
      const feed = this.#instance.document<Feed>("world_read", undefined, number);
      if (feed.events.length > 0 || feed.dropped > 0) listener(feed);
    }
  }
}
