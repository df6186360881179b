/**
 * A world in a worker: moved in slices, played at a speed, and shown to the page no more often than it can look.
 *
 * The page says when it has shown a frame; only then does the next one go. What happens in between is gathered, up to
 * a limit, and what is beyond it is counted.
 */

import type { Feed, Progress } from "../documents.js";
import type { World } from "../world.js";
import type { Fault, Moved } from "./messages.js";
import { toFault } from "./messages.js";
import { Slices, breathe } from "./slices.js";

/** Rows in a frame's feed. */
const FEED_ROWS = 256;
/** Rows that wait for a subscriber. */
const WAITING_ROWS = 1 << 16;
/** How long the world moves before the worker listens again, and how often a world at a speed moves. */
const TURN_MILLIS = 12;
const BEAT_MILLIS = 16;
/** A worker that was held up for longer does not make up for it. */
const LAG_MILLIS = 250;

/** What a world tells the page by itself. */
export interface Page {
  frame(moved: Moved): void;
  end(progress: Progress): void;
  error(fault: Fault): void;
}

export class Resident {
  readonly #slices = new Slices();
  readonly #waiting = new Map<number, Feed>();
  readonly #ends = new Map<number, () => void>();
  #subscribers = 0;
  #playing: { speed: number | null } | null = null;
  #isPageReady = true;
  #hasMoved = false;
  #isFreed = false;

  constructor(
    readonly world: World,
    readonly page: Page,
  ) {}

  /** Moves by one of the world's own calls. */
  move<T>(call: (world: World) => T): T {
    try {
      return call(this.world);
    } finally {
      this.show();
    }
  }

  /** Runs up to a time and a number of events, whichever comes first, and listens in between. */
  async run(seconds: number, maxEvents: number): Promise<Progress> {
    let left = maxEvents;
    for (;;) {
      const progress = this.#slices.advance(TURN_MILLIS, (slice) => {
        const before = this.world.frame().events;
        const progress = this.#runTo(seconds, Math.min(slice, left));
        left -= this.world.frame().events - before;
        return left > 0 ? progress : "there";
      });
      this.show();
      if (progress === "there") return "more";
      if (progress !== "more" || this.#isFreed) return progress;
      await breathe();
    }
  }

  /** Plays so many simulated seconds a second, or as fast as it goes (`null`), until the world ends or is held. */
  play(speed: number | null): void {
    const isNew = this.#playing === null;
    this.#playing = { speed };
    if (isNew) void this.#keepPlaying();
  }

  stopPlaying(): void {
    this.#playing = null;
  }

  subscribe(kinds: string[] | null): number {
    const number = this.#subscribers;
    this.#ends.set(number, this.world.subscribe(kinds, (feed) => this.#gather(number, feed)));
    this.#subscribers += 1;
    return number;
  }

  unsubscribe(number: number): void {
    this.#ends.get(number)?.();
    this.#ends.delete(number);
    this.#waiting.delete(number);
  }

  /** The page has shown the last frame. */
  shown(): void {
    this.#isPageReady = true;
    if (this.#hasMoved) this.show();
  }

  /** Shows how the world stands, now or as soon as the page can look. */
  show(): void {
    this.#hasMoved = true;
    if (!this.#isPageReady || this.#isFreed) return;
    const feeds = [...this.#waiting];
    let moved: Moved;
    try {
      moved = { frame: this.world.frame(), feed: this.world.feed(FEED_ROWS), feeds };
    } catch {
      // A world that has ended in a defect has no frame; the call that ended it says why.
      return;
    }
    this.#waiting.clear();
    this.#isPageReady = false;
    this.#hasMoved = false;
    this.page.frame(moved);
  }

  free(): void {
    this.#isFreed = true;
    this.#playing = null;
    this.world.free();
  }

  async #keepPlaying(): Promise<void> {
    try {
      // The answer to `play` goes first, so that whoever waits for it hears of everything after.
      await breathe();
      let last = performance.now();
      while (this.#playing !== null) {
        const started = performance.now();
        const progress = this.#beat(this.#playing.speed, Math.min(started - last, LAG_MILLIS));
        last = started;
        this.show();
        if (progress === "finished" || progress === "paused") {
          this.#playing = null;
          this.page.end(progress);
          return;
        }
        const rest = BEAT_MILLIS - (performance.now() - started);
        const isUnhurried = this.#playing.speed === null || rest <= 0;
        await (isUnhurried ? breathe() : new Promise((resolve) => setTimeout(resolve, rest)));
      }
    } catch (error) {
      this.#playing = null;
      this.page.error(toFault(error));
    }
  }

  #beat(speed: number | null, millis: number): Progress | "there" {
    if (speed === null) return this.#slices.advance(TURN_MILLIS, (slice) => this.world.run(slice));
    const target = this.world.frame().now_seconds + (speed * millis) / 1000;
    return this.#slices.advance(TURN_MILLIS, (slice) => this.#runTo(target, slice));
  }

  /** Says when the time has come, which the world does not tell from having handled as much as it may. */
  #runTo(seconds: number, maxEvents: number): Progress | "there" {
    if (seconds === Infinity) return this.world.run(maxEvents);
    const progress = this.world.runUntil(seconds, maxEvents);
    return progress === "more" && this.world.frame().now_seconds >= seconds ? "there" : progress;
  }

  #gather(number: number, feed: Feed): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) {
      this.#waiting.set(number, feed);
      return;
    }
    const events = waiting.events.concat(feed.events);
    const excess = Math.max(0, events.length - WAITING_ROWS);
    this.#waiting.set(number, {
      events: events.slice(excess),
      dropped: waiting.dropped + feed.dropped + excess,
    });
  }
}
