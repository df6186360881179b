/**
 * A world that somebody plays with, wherever it runs.
 *
 * Two implementations: `BrowserWorld` (a worker in this page) and `ServerWorld` (HTTP and a WebSocket). The lifecycle
 * has the kernel's words. Every call resolves when the world has moved; what it looks like then comes as an event.
 */
import type { Description, EventRow, Feed, Frame, Results, ScenarioText } from './documents';

export type Where = 'browser' | 'server';

/** How a page and its world hear of each other: `locked` wants a token, `gone` is for good. */
export type Connection = 'open' | 'lost' | 'locked' | 'gone';

/** How a world is made from a scenario. */
export interface WorldOptions {
  seed?: number;
  replication?: number;
  /** Values set over those of the scenario's text, by dotted key, as TOML writes them. */
  overrides?: Record<string, string>;
}

export type WorldEvent =
  | { type: 'frame'; frame: Frame; feed: Feed }
  /** How it stood on its way to where it is now, for figures over time. */
  | { type: 'passed'; frame: Frame }
  /** `null`: it stands still; a speed of `null`: as fast as it can. */
  | { type: 'playing'; playing: { speed: number | null } | null }
  /** So many updates were never sent to us. */
  | { type: 'gap'; missed: number }
  | { type: 'connection'; state: Connection }
  | { type: 'error'; message: string };

export interface WorldHandle {
  readonly where: Where;
  /** Its name on the server; a world of this page has none. */
  readonly id?: string;
  readonly description: Description;
  readonly scenario: ScenarioText;
  readonly options: WorldOptions;
  /** How it stood when it was made. */
  readonly first: Frame;
  /** How it played when it was found. */
  readonly firstPlaying?: { speed: number | null } | null;
  listen(listener: (event: WorldEvent) => void): () => void;
  step(count: number): Promise<void>;
  /** Plays at so many times real time, `null` as fast as it can; resolves when playing has begun. */
  play(speed: number | null): Promise<void>;
  stop(): Promise<void>;
  seek(seconds: number): Promise<void>;
  /** A second world that goes on from here by itself. */
  branch(): Promise<WorldHandle>;
  /** A row and what led to it, the first cause last. */
  causes(row: number): Promise<EventRow[]>;
  results(): Promise<Results>;
  /** The ledger as Arrow IPC. */
  ledger(): Promise<Uint8Array>;
  /** Looks away from it; on the server it goes on. */
  leave(): void;
  /** Ends it, for everybody. */
  end(): Promise<void>;
  /** Done with it: it ends unless somebody else has made it or watches it. */
  close(): void;
}

/** Listeners of one world. */
export class Listeners {
  private readonly all = new Set<(event: WorldEvent) => void>();

  add(listener: (event: WorldEvent) => void): () => void {
    this.all.add(listener);
    return () => this.all.delete(listener);
  }

  tell(event: WorldEvent): void {
    for (const listener of this.all) listener(event);
  }
}
