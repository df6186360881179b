/** A world that lives in a worker, as the page sees it. */

import type { Description, EventRow, Feed, Frame, Progress, Results } from "../documents.js";
import type { EngineError } from "../error.js";
import type { Wire } from "../worker.js";
import type { WorldCall } from "./main.js";
import { fromFault, type ToPage } from "./messages.js";

/** What a world tells by itself. */
export interface WorldEvents {
  /** It has moved; at most one comes for each frame that the page draws. */
  frame: { frame: Frame; feed: Feed };
  /** Playing has come to an end: nothing is left to happen, or the world is paused. */
  end: { progress: Progress };
  /** Playing has failed, or the worker has. */
  error: EngineError;
}

type Listeners = { [What in keyof WorldEvents]: Set<(event: WorldEvents[What]) => void> };

/** Waits until what was shown is drawn: a hidden page draws nothing, and is sent nothing. */
const drawn: (then: () => void) => void =
  typeof requestAnimationFrame === "function"
    ? (then) => void requestAnimationFrame(then)
    : (then) => void setTimeout(then, 16);

/** A world of a `RemoteEngine`. Calls are answered in their order. */
export class RemoteWorld {
  readonly #wire: Wire;
  readonly #number: number;
  readonly #listeners: Listeners = { frame: new Set(), end: new Set(), error: new Set() };
  readonly #subscribers = new Map<number, (feed: Feed) => void>();

  /** @internal Use `RemoteEngine.world`. */
  constructor(wire: Wire, number: number) {
    this.#wire = wire;
    this.#number = number;
    wire.settle(number, this);
  }

  /** What stays the same. */
  describe(): Promise<Description> {
    return this.#ask("describe");
  }

  /** How it stands. */
  frame(): Promise<Frame> {
    return this.#ask("frame");
  }

  /** A row and what led to it, the first cause last; as far back as rows are kept. */
  causes(row: number): Promise<EventRow[]> {
    return this.#ask("causes", row);
  }

  /** What it has come to. */
  results(): Promise<Results> {
    return this.#ask("results");
  }

  /** Begins; moving a new world begins it too. */
  start(): Promise<void> {
    return this.#ask("start");
  }

  /** Handles one event. */
  step(): Promise<Progress> {
    return this.#ask("step");
  }

  /** Handles everything to the end, but at most `maxEvents`; other calls are answered meanwhile. */
  run(maxEvents = Infinity): Promise<Progress> {
    return this.#ask("run", maxEvents);
  }

  /** Handles everything due up to a time, but at most `maxEvents`; other calls are answered meanwhile. */
  runUntil(seconds: number, maxEvents = Infinity): Promise<Progress> {
    return this.#ask("runUntil", seconds, maxEvents);
  }

  /**
   * Begins to play: so many simulated seconds a second, or as fast as it goes (`null`). A world that is playing takes
   * the new speed. What it cannot keep up with it does not make up for.
   */
  play(speed: number | null): Promise<void> {
    return this.#ask("play", speed);
  }

  /** Stops playing; the world is not paused. */
  stopPlaying(): Promise<void> {
    return this.#ask("stopPlaying");
  }

  /** Holds it: nothing but `step` and `seek` moves it until `resume`. */
  pause(): Promise<void> {
    return this.#ask("pause");
  }

  /** Lets a paused world go on. */
  resume(): Promise<void> {
    return this.#ask("resume");
  }

  /** Goes to a time, forwards or back. */
  seek(seconds: number): Promise<Progress> {
    return this.#ask("seek", seconds);
  }

  /** The complete state, for going on elsewhere or later. */
  snapshot(): Promise<Uint8Array> {
    return this.#ask("snapshot");
  }

  /** Becomes what the snapshot was. */
  restore(snapshot: Uint8Array): Promise<void> {
    return this.#ask("restore", snapshot);
  }

  /** A second world that goes on from here by itself. */
  async branch(): Promise<RemoteWorld> {
    return new RemoteWorld(this.#wire, await this.#ask<number>("branch"));
  }

  /** The hash of the ledger so far, in hexadecimal. */
  ledgerHash(): Promise<string | null> {
    return this.#ask("ledgerHash");
  }

  /** The ledger so far as an Arrow IPC file, as `World.ledger`. */
  ledger(): Promise<Uint8Array> {
    return this.#ask("ledger");
  }

  /**
   * Has `listener` called, with the frames, when something of these kinds (`null`: of any) has happened. What a slow
   * page has no time for is counted. Resolves to how to end that.
   */
  async subscribe(kinds: string[] | null, listener: (feed: Feed) => void): Promise<() => Promise<void>> {
    const number = await this.#ask<number>("subscribe", kinds);
    this.#subscribers.set(number, listener);
    return async () => {
      if (this.#subscribers.delete(number)) await this.#ask("unsubscribe", number);
    };
  }

  /** Has `listener` called with what the world tells by itself. Returns how to end that. */
  on<What extends keyof WorldEvents>(what: What, listener: (event: WorldEvents[What]) => void): () => void {
    this.#listeners[what].add(listener);
    return () => void this.#listeners[what].delete(listener);
  }

  /** Lets go of it and all its memory; every later call is refused. */
  async free(): Promise<void> {
    await this.#ask("free");
    this.#wire.leave(this.#number);
  }

  /** @internal */
  hear(message: Extract<ToPage, { world: number }>): void {
    switch (message.what) {
      case "frame": {
        const { frame, feed, feeds } = message;
        drawn(() => this.#wire.shown(this.#number));
        for (const [subscriber, own] of feeds) this.#subscribers.get(subscriber)?.(own);
        this.#tell("frame", { frame, feed });
        return;
      }
      case "end":
        this.#tell("end", { progress: message.progress });
        return;
      case "error":
        this.fail(fromFault(message.fault));
    }
  }

  /** @internal */
  fail(error: EngineError): void {
    this.#tell("error", error);
  }

  #tell<What extends keyof WorldEvents>(what: What, event: WorldEvents[What]): void {
    for (const listener of this.#listeners[what]) listener(event);
  }

  async #ask<T>(call: WorldCall, ...args: unknown[]): Promise<T> {
    return (await this.#wire.ask(this.#number, call, args)) as T;
  }
}
