/**
 * The one animation loop of the page: whatever moves is drawn from here, outside React.
 *
 * A painter is called on each animation frame; it returns quickly when nothing has changed. What a frame costs on the
 * main thread is kept for the last 240 frames, so that it can be measured from outside.
 */
type Painter = (now: number) => void;

const painters = new Set<Painter>();
const costs = new Float64Array(240);
let frames = 0;
let pending = 0;

function tick(now: number): void {
  pending = painters.size > 0 ? requestAnimationFrame(tick) : 0;
  const begin = performance.now();
  for (const paint of painters) paint(now);
  addCost(performance.now() - begin);
  frames += 1;
}

function addCost(millis: number): void {
  costs[frames % costs.length] = millis + received;
  received = 0;
}

let received = 0;

/** Counts work between frames (taking in a message) as part of the next frame's cost. */
export function accountFor<T>(work: () => T): T {
  const begin = performance.now();
  try {
    return work();
  } finally {
    received += performance.now() - begin;
  }
}

/** Calls `paint` on every animation frame until the returned function is called. */
export function onFrame(paint: Painter): () => void {
  painters.add(paint);
  if (pending === 0) pending = requestAnimationFrame(tick);
  return () => painters.delete(paint);
}

/** Milliseconds that the last frames took on the main thread, the latest last. */
export function frameCosts(): number[] {
  const count = Math.min(frames, costs.length);
  return Array.from({ length: count }, (_, index) => costs[(frames - count + index) % costs.length] ?? 0);
}

declare global {
  interface Window {
    /** For measuring from outside; see `onFrame`. */
    pluriverseFrameCosts?: () => number[];
  }
}
window.pluriverseFrameCosts = frameCosts;
