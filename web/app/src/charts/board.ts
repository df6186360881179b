/** Draws charts in turn: at most one on each animation frame, each a few times a second. */
import { onFrame } from '../shell/loop';

const LEAST_MILLIS = 120;

interface Entry {
  draw: () => void;
  version: () => number;
  drawn: number;
  at: number;
}

const entries: Entry[] = [];
let turn = 0;
let stop: (() => void) | null = null;

function paint(now: number): void {
  for (let tries = 0; tries < entries.length; tries++) {
    turn = (turn + 1) % entries.length;
    const entry = entries[turn];
    if (!entry || now - entry.at < LEAST_MILLIS) continue;
    const version = entry.version();
    if (version === entry.drawn) continue;
    entry.drawn = version;
    entry.at = now;
    entry.draw();
    return;
  }
}

/** Has `draw` called when `version` has changed; returns how to end that. */
export function inTurn(draw: () => void, version: () => number): () => void {
  const entry = { draw, version, drawn: -1, at: 0 };
  entries.push(entry);
  stop ??= onFrame(paint);
  return () => {
    entries.splice(entries.indexOf(entry), 1);
    if (entries.length > 0) return;
    stop?.();
    stop = null;
  };
}
