/**
 * A world as the page sees it: its latest frame, how fast it goes, what has happened last, its figures over time.
 *
 * Everything that changes with every frame lives here, outside React. Views that are drawn read it from the animation
 * loop; views of text listen to `changed`, which comes at most a few times a second.
 */
import { Samples } from '../charts/samples';
import { wordsOf } from '../format/error';
import { accountFor, onFrame } from '../shell/loop';
import type { Description, EventRow, Feed, Frame, Results } from './documents';
import type { Connection, WorldEvent, WorldHandle } from './handle';
import { numbers } from './table';

/** How often views of text are told, in milliseconds: while the world plays, and while it stands. */
const TELL_EVERY = 200;
const TELL_STANDING = 50;
/** How often results are asked for while the world moves. */
const RESULTS_EVERY = 1000;
const EVENTS_KEPT = 400;
const SAMPLES = 640;

/** The charts' figures over time. */
export interface Series {
  waiting: Samples;
  served: Samples;
  arrivals: Samples;
  wait: Samples;
}

export class Live {
  readonly description: Description;
  frame: Frame;
  playing: { speed: number | null } | null = null;
  connection: Connection = 'open';
  error: string | null = null;
  results: Results | null = null;
  /** The latest events, in order. */
  events: EventRow[] = [];
  /** Updates that this page was never told of. */
  missed = 0;
  /** Events a second and simulated seconds a second, of late. */
  eventRate = 0;
  speedup = 0;
  readonly series: Series;
  /** Counts up with every frame that comes. */
  version = 0;
  private readonly listeners = new Set<() => void>();
  private readonly feedListeners = new Set<(feed: Feed, interval: number) => void>();
  private isDirty = true;
  private lastTold = 0;
  private lastResults = 0;
  private isAsking = false;
  private lastFrameAt = 0;
  private readonly ends: (() => void)[];
  private waitSum = 0;
  private waitCount = 0;
  private readonly startKind: number;
  private lastArrivals: { time: number; counts: number[] } | null = null;
  private arrivalRates: number[] = [];
  /** What views of text see; replaced when something has changed. */
  private view = {};

  constructor(readonly handle: WorldHandle) {
    this.description = handle.description;
    this.frame = handle.first;
    this.playing = handle.firstPlaying ?? null;
    this.startKind = this.description.dictionary.kinds.findIndex(({ name }) => name === 'start');
    const stations = numbers(this.frame, 'stations', 'waiting').length;
    const sources = numbers(this.frame, 'sources', 'arrivals').length;
    this.series = {
      waiting: new Samples(SAMPLES, stations),
      served: new Samples(SAMPLES, stations),
      arrivals: new Samples(SAMPLES, sources),
      wait: new Samples(SAMPLES, 1),
    };
    this.sample(this.frame);
    this.ends = [handle.listen((event) => accountFor(() => this.handleEvent(event))), onFrame((now) => this.tick(now))];
    void this.askResults();
  }

  /** Done with the world. */
  close(): void {
    this.stop();
    this.handle.close();
  }

  /** Looks away from the world, which goes on where that is possible. */
  leave(): void {
    this.stop();
    this.handle.leave();
  }

  /** Ends the world. */
  async end(): Promise<void> {
    this.stop();
    await this.handle.end();
  }

  private stop(): void {
    for (const end of this.ends) end();
  }

  /** For `useSyncExternalStore`: called when there is something new to read. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Changes when views of text should read again. */
  readonly snapshot = (): object => this.view;

  /** Called with each feed and the milliseconds since the one before. */
  onFeed(listener: (feed: Feed, interval: number) => void): () => void {
    this.feedListeners.add(listener);
    return () => this.feedListeners.delete(listener);
  }

  /** Does something with the world; what goes wrong is shown. */
  async attempt(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.fail(wordsOf(error));
    }
  }

  fail(message: string): void {
    this.error = message;
    this.touch(true);
  }

  dismissGap(): void {
    this.missed = 0;
    this.touch(true);
  }

  dismissError(): void {
    this.error = null;
    this.touch(true);
  }

  get isFinished(): boolean {
    return this.frame.phase === 'finished' || this.frame.phase === 'failed';
  }

  private handleEvent(event: WorldEvent): void {
    switch (event.type) {
      case 'frame':
        this.receive(event.frame, event.feed);
        break;
      case 'passed':
        this.sample(event.frame);
        break;
      case 'playing':
        this.playing = event.playing;
        if (event.playing === null) {
          this.eventRate = 0;
          this.speedup = 0;
          this.lastResults = 0;
        }
        this.touch(true);
        break;
      case 'gap':
        this.missed += event.missed;
        this.touch(false);
        break;
      case 'connection':
        this.connection = event.state;
        this.touch(true);
        break;
      case 'error':
        this.fail(event.message);
    }
  }

  private receive(frame: Frame, feed: Feed): void {
    const now = performance.now();
    const interval = now - this.lastFrameAt;
    const isBack = frame.now_seconds < this.frame.now_seconds;
    if (this.playing && !isBack && interval > 0 && this.lastFrameAt > 0) {
      const weight = 1 - Math.exp(-interval / 600);
      const rate = (value: number): number => (value * 1000) / interval;
      this.eventRate += (rate(frame.events - this.frame.events) - this.eventRate) * weight;
      this.speedup += (rate(frame.now_seconds - this.frame.now_seconds) - this.speedup) * weight;
    }
    this.lastFrameAt = now;
    if (isBack) this.goBack(frame);
    this.frame = frame;
    this.version += 1;
    this.keep(feed, frame);
    this.sample(frame);
    for (const listener of this.feedListeners) listener(feed, Math.min(interval, 250));
    this.touch(false);
  }

  /** Forgets what has not happened yet in the world as it is now. */
  private goBack(frame: Frame): void {
    this.events = this.events.filter(({ row }) => row < frame.rows);
    for (const samples of Object.values(this.series) as Samples[]) samples.cutAfter(frame.now_seconds);
    this.lastArrivals = null;
    this.waitSum = 0;
    this.waitCount = 0;
  }

  private keep(feed: Feed, frame: Frame): void {
    if (feed.events.length === 0) return;
    for (const { kind, value } of feed.events) {
      if (kind !== this.startKind || value === null) continue;
      this.waitSum += value;
      this.waitCount += 1;
    }
    const before = feed.events[0]?.row ?? 0;
    const kept = this.events.filter(({ row }) => row < before && row < frame.rows);
    this.events = [...kept, ...feed.events].slice(-EVENTS_KEPT);
  }

  private sample(frame: Frame): void {
    const time = frame.now_seconds;
    this.series.waiting.push(time, numbers(frame, 'stations', 'waiting'));
    this.series.served.push(time, numbers(frame, 'stations', 'served'));
    this.sampleArrivals(frame);
    if (this.series.wait.push(time, [this.waitCount > 0 ? this.waitSum / this.waitCount : NaN])) {
      this.waitSum = 0;
      this.waitCount = 0;
    }
  }

  /** Arrivals an hour since a while ago: a while in which some two dozen have come. */
  private sampleArrivals(frame: Frame): void {
    const counts = numbers(frame, 'sources', 'arrivals');
    const total = counts.reduce((sum, count) => sum + count, 0);
    const last = this.lastArrivals ?? { time: frame.now_seconds, counts };
    this.lastArrivals = last;
    const before = last.counts.reduce((sum, count) => sum + count, 0);
    const span = frame.now_seconds - last.time;
    const isEnough = span > 0 && (total - before >= 24 || span > (this.description.until_seconds ?? Infinity) / 40);
    if (!isEnough) return;
    this.arrivalRates = counts.map((count, source) => ((count - (last.counts[source] ?? 0)) * 3600) / span);
    this.lastArrivals = { time: frame.now_seconds, counts };
    this.series.arrivals.push((last.time + frame.now_seconds) / 2, this.arrivalRates);
  }

  private touch(atOnce: boolean): void {
    this.isDirty = true;
    if (atOnce) this.lastTold = 0;
  }

  private tick(now: number): void {
    if (!this.isDirty || now - this.lastTold < (this.playing ? TELL_EVERY : TELL_STANDING)) return;
    this.isDirty = false;
    this.lastTold = now;
    this.view = {};
    for (const listener of this.listeners) listener();
    if (now - this.lastResults > (this.playing ? RESULTS_EVERY : 0)) {
      this.lastResults = now;
      void this.askResults();
    }
  }

  private async askResults(): Promise<void> {
    if (this.isAsking || this.connection !== 'open') return;
    this.isAsking = true;
    const version = this.version;
    const before = this.results?.events;
    try {
      this.results = await this.handle.results();
    } catch (error) {
      this.fail(wordsOf(error));
    }
    this.isAsking = false;
    // The world may have moved on in between: then it is asked again, at the usual pace.
    if (version !== this.version || this.results?.events !== before) this.touch(false);
  }
}
