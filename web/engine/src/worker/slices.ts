/** Long ways in short steps, so that a worker hears what else is asked of it. */

import type { Progress } from "../documents.js";

const SLICE_MILLIS = 4;
const SLICE_EVENTS_MIN = 64;
const SLICE_EVENTS_MAX = 1 << 20;

/** Knows how many events a world handles in some milliseconds. */
export class Slices {
  #events = 1024;

  /**
   * Moves by `move`, which is told how many events it may handle, until it has no more to do or `millis` have passed.
   */
  advance(millis: number, move: (maxEvents: number) => Progress | "there"): Progress | "there" {
    const started = performance.now();
    let before = started;
    for (;;) {
      const progress = move(this.#events);
      const now = performance.now();
      this.#adapt(now - before);
      if (progress !== "more" || now - started >= millis) return progress;
      before = now;
    }
  }

  #adapt(millis: number): void {
    if (millis > 2 * SLICE_MILLIS) this.#events = Math.max(SLICE_EVENTS_MIN, this.#events >> 1);
    else if (millis < SLICE_MILLIS / 2) this.#events = Math.min(SLICE_EVENTS_MAX, this.#events << 1);
  }
}

/**
 * Lets whatever has come in meanwhile be done first. In a browser a timer would wait 4 ms at least, a message does not;
 * Node hands out messages of one port until there are no more, and has `setImmediate`.
 */
export const breathe: () => Promise<void> = typeof setImmediate === "function" ? breatheInNode : breatheByMessage();

function breatheInNode(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function breatheByMessage(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      port2.postMessage(null);
    });
}
