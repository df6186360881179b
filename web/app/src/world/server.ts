/**
 * Worlds on the server: calls over HTTP, frames over a WebSocket.
 *
 * A connection that is lost is made again by itself, from the message where it was lost; what the server no longer
 * has is told as a gap. The world goes on meanwhile, and when the page is closed: it ends when somebody ends it, when
 * the tab that made it begins another and nobody else watches, or when nobody has used it for as long as the server
 * waits.
 */
import { storedScenario, revive, type StoredScenario } from '../shell/settings';
import { ApiError, get, getBytes, getQuietly, openSocket, post, postBytes, remove } from './api';
import type { Description, EventRow, Feed, Frame, Phase, Results, ScenarioText } from './documents';
import { Listeners, type WorldEvent, type WorldHandle, type WorldOptions } from './handle';
import { made } from './made';
import { token } from './token';

type Playing = { speed: number | null } | null;

interface WorldDocument {
  id: string;
  description: Description;
  frame: Frame;
  playing: Playing;
  watchers: number;
}

/** What the server's list says of a world. */
export interface WorldEntry {
  id: string;
  kind: string;
  name: string;
  title: string;
  seed: number;
  replication: number;
  now_seconds: number;
  until_seconds: number | null;
  phase: Phase;
  playing: Playing;
  watchers: number;
  ended: string | null;
}

interface Moved {
  progress: 'more' | 'paused' | 'finished';
  frame: Frame;
}

type Message =
  | { seq: number; type: 'frame'; frame: Frame; playing: Playing; feed: Feed }
  | { type: 'gap'; missed: number; seq?: number }
  | { seq?: number; type: 'error'; error: { message: string } }
  | { type: 'end'; code: string; reason: string };

/** Takes a refusal of one of these as an answer, and any other as what it is. */
function unless<T>(statuses: number[], answer: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof ApiError && statuses.includes(error.status)) return answer;
    throw error;
  };
}

const RETRY_LEAST = 250;
const RETRY_MOST = 5000;
const FEED_ROWS = 256;

function pathOf(id: string): string {
  return `/worlds/${encodeURIComponent(id)}`;
}

export class ServerWorld implements WorldHandle {
  readonly where = 'server';
  readonly id: string;
  readonly description: Description;
  readonly first: Frame;
  readonly firstPlaying: Playing;
  private readonly path: string;
  private readonly listeners = new Listeners();
  private socket: WebSocket | null = null;
  private next: number | null = null;
  private retry = RETRY_LEAST;
  private timer = 0;
  private isClosed = false;
  private isLocked = false;
  private playing: Playing;
  /** Calls of this page that change how it plays and are not answered yet: what frames say of that is older. */
  private changing = 0;
  /** Whether a frame has said otherwise meanwhile: it may be older than the call, or tell how that ended. */
  private isUnsure = false;
  private readonly stopHearing: () => void;

  constructor(
    document: WorldDocument,
    readonly scenario: ScenarioText,
    readonly options: WorldOptions,
  ) {
    this.id = document.id;
    this.path = pathOf(document.id);
    this.description = document.description;
    this.first = document.frame;
    this.playing = this.firstPlaying = document.playing;
    this.stopHearing = token.subscribe(() => this.isLocked && token.get() !== null && void this.reconnect());
    this.connect();
  }

  listen(listener: (event: WorldEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  async step(count: number): Promise<void> {
    for (let done = 0; done < count; done++) {
      const { progress } = await this.call<Moved>('step');
      if (progress === 'finished') return;
    }
  }

  async play(speed: number | null): Promise<void> {
    // Told first: a world that ends at once says so before the call is answered.
    this.tellPlaying({ speed });
    await this.change(async () => {
      try {
        await this.call('play', { speed });
      } catch (error) {
        this.tellPlaying(null);
        throw error;
      }
    });
  }

  async stop(): Promise<void> {
    await this.change(() => this.call('stop_playing'));
    this.tellPlaying(null);
  }

  async seek(seconds: number): Promise<void> {
    await this.call('seek', { seconds });
  }

  async branch(): Promise<WorldHandle> {
    const document = await this.call<WorldDocument>('branch');
    made.add(document.id);
    return new ServerWorld(document, this.scenario, this.options);
  }

  causes(row: number): Promise<EventRow[]> {
    return get<EventRow[]>(`${this.path}/causes/${row}`).catch(unless<EventRow[]>([404], []));
  }

  results(): Promise<Results> {
    // Asked again and again by itself: not even a server that wants a token is a reason to interrupt the user.
    return getQuietly(`${this.path}/results`);
  }

  ledger(): Promise<Uint8Array> {
    return getBytes(`${this.path}/ledger?format=arrow`);
  }

  leave(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    this.stopHearing();
    this.socket?.close();
  }

  async end(): Promise<void> {
    this.leave();
    made.forget(this.id);
    await remove(this.path).catch(unless([404, 410], undefined));
  }

  close(): void {
    if (this.isClosed || !made.has(this.id)) {
      this.leave();
      return;
    }
    // A world that cannot be asked for any more need not be ended.
    const ended = getQuietly<WorldDocument>(this.path).then(({ watchers }) => (watchers > 1 ? this.leave() : this.end()));
    void ended.catch(() => this.leave());
  }

  private call<T>(name: string, body?: unknown): Promise<T> {
    return post<T>(`${this.path}/${name}`, body);
  }

  private async change(call: () => Promise<unknown>): Promise<void> {
    this.changing += 1;
    try {
      await call();
    } finally {
      this.changing -= 1;
    }
    if (!this.isUnsure || this.changing > 0) return;
    this.isUnsure = false;
    // A world that cannot be asked tells by its connection that it is gone.
    const asked = await getQuietly<WorldDocument>(this.path).catch(() => null);
    if (asked !== null && this.changing === 0) this.tellPlaying(asked.playing);
  }

  private tellPlaying(playing: Playing): void {
    this.playing = playing;
    this.listeners.tell({ type: 'playing', playing });
  }

  private connect(): void {
    const from = this.next === null ? '' : `&from=${this.next}`;
    const socket = openSocket(`${this.path}/events?limit=${FEED_ROWS}${from}`);
    this.socket = socket;
    socket.onopen = () => {
      this.retry = RETRY_LEAST;
      this.listeners.tell({ type: 'connection', state: 'open' });
    };
    socket.onmessage = (event) => !this.isClosed && this.hear(JSON.parse(String(event.data)) as Message);
    socket.onclose = () => {
      if (this.isClosed) return;
      this.listeners.tell({ type: 'connection', state: 'lost' });
      this.again();
    };
  }

  private again(): void {
    this.timer = window.setTimeout(() => void this.reconnect(), this.retry);
    this.retry = Math.min(RETRY_MOST, this.retry * 2);
  }

  /** Connects again, unless the server has forgotten the world or wants a token first. */
  private async reconnect(): Promise<void> {
    clearTimeout(this.timer);
    try {
      const { playing } = await getQuietly<WorldDocument>(this.path);
      if (this.isClosed) return;
      this.isLocked = false;
      this.tellPlaying(playing);
      this.connect();
    } catch (error) {
      if (this.isClosed) return;
      const status = error instanceof ApiError ? error.status : 0;
      this.isLocked = status === 401;
      if (status === 404 || status === 410) this.listeners.tell({ type: 'connection', state: 'gone' });
      else if (this.isLocked) this.listeners.tell({ type: 'connection', state: 'locked' });
      else this.again();
    }
  }

  private hear(message: Message): void {
    if ('seq' in message && message.seq !== undefined) this.next = message.seq + 1;
    switch (message.type) {
      case 'frame':
        this.listeners.tell({ type: 'frame', frame: message.frame, feed: message.feed });
        this.hearPlaying(message.playing);
        break;
      case 'gap':
        this.listeners.tell({ type: 'gap', missed: message.missed });
        break;
      case 'error':
        this.tellPlaying(null);
        this.listeners.tell({ type: 'error', message: message.error.message });
        break;
      case 'end':
        this.isClosed = true;
        this.tellPlaying(null);
        this.listeners.tell({ type: 'connection', state: 'gone' });
        if (message.code !== 'world_ended') this.listeners.tell({ type: 'error', message: message.reason });
    }
  }

  /** Whoever else watches may have let it play, or stopped it. */
  private hearPlaying(playing: Playing): void {
    const isSame = (playing === null) === (this.playing === null) && playing?.speed === this.playing?.speed;
    if (isSame) return;
    if (this.changing === 0) this.tellPlaying(playing);
    else this.isUnsure = true;
  }
}

/** What a server's list says of a run. */
export interface ServerRun {
  id: string;
  created_at: string;
  source: 'server' | 'browser' | 'cli';
  status: string;
  kind: string;
  /** The scenario's name. */
  scenario: string;
  seed: number;
  replications: number;
  ledger_hash: string | null;
  ledger_rows: number | null;
}

/** A run of the server with what it came to; a ledger that was handed over may have no figures. */
export interface FullServerRun extends ServerRun {
  scenario_text: string;
  overrides: [string, string][];
  results: Results | null;
}

/** A scenario that the server offers. */
export interface OfferedScenario {
  name: string;
  title: string;
  kind: string;
  story: string;
}

let isThere: boolean | null = null;
const watchers = new Set<() => void>();

/** The server that this page came from, if it is one. */
export const server = {
  /** Whether it answers; `null` until it was asked. */
  isThere: (): boolean | null => isThere,

  /** Whether it answers only to those who have a token. */
  isLocked: token.isMissing,

  subscribe(listener: () => void): () => void {
    watchers.add(listener);
    const stop = token.subscribe(listener);
    return () => (watchers.delete(listener), stop());
  },

  /** Asks whether there is a server. */
  async ask(): Promise<boolean> {
    const before = isThere;
    isThere = await getQuietly<unknown>('/kinds').then(
      (kinds) => Array.isArray(kinds),
      // Whoever asks for a token is one of ours.
      (error: unknown) => error instanceof ApiError && error.status === 401,
    );
    if (isThere !== before) for (const watcher of watchers) watcher();
    return isThere;
  },

  async world(scenario: ScenarioText, options: WorldOptions): Promise<ServerWorld> {
    const { overrides, ...run } = options;
    const document = await post<WorldDocument>('/worlds', { scenario: storedScenario(scenario), ...run, ...(overrides ? { set: overrides } : {}) });
    made.add(document.id);
    const { frame } = await post<Moved>(`${pathOf(document.id)}/start`);
    return new ServerWorld({ ...document, frame }, scenario, options);
  },

  /** A world that is there already, whoever made it. */
  async attach(id: string): Promise<ServerWorld> {
    const [document, sent] = await Promise.all([get<WorldDocument>(pathOf(id)), get<StoredScenario & { overrides: Record<string, string> }>(`${pathOf(id)}/scenario`)]);
    const { seed, replication } = document.description;
    return new ServerWorld(document, revive(sent), { seed, replication, overrides: sent.overrides });
  },

  worlds: (): Promise<WorldEntry[]> => getQuietly('/worlds'),

  endWorld: (id: string): Promise<void> => remove(pathOf(id)).catch(unless([404, 410], undefined)),

  scenarios: (): Promise<OfferedScenario[]> => getQuietly('/scenarios'),

  scenario: async (name: string): Promise<ScenarioText> => revive(await getQuietly<StoredScenario>(`/scenarios/${encodeURIComponent(name)}`)),

  async runs(): Promise<ServerRun[]> {
    const answer = await get<ServerRun[] | { runs: ServerRun[] }>('/runs?limit=100').catch(unless<ServerRun[]>([404, 405], []));
    return Array.isArray(answer) ? answer : answer.runs;
  },

  run: (id: string): Promise<FullServerRun> => get(`/runs/${encodeURIComponent(id)}`),

  deleteRun: (id: string): Promise<void> => remove(`/runs/${encodeURIComponent(id)}`),

  /** Hands a ledger over: the run that it belongs to there, and its hash. */
  ingest: (ledger: Uint8Array): Promise<{ run: string; rows: number; hash: string }> =>
    postBytes('/simulation/ingest', ledger, 'application/vnd.apache.arrow.file'),
};
