/**
 * Worlds on the server: calls over HTTP, frames over a WebSocket.
 *
 * A connection that is lost is made again by itself, from the message where it was lost; what the server no longer
 * has is told as a gap. The world goes on meanwhile.
 */
import { storedScenario } from '../shell/settings';
import { ApiError, get, getBytes, post, postBytes, remove, socketAddress } from './api';
import type { Description, EventRow, Feed, Frame, Results, ScenarioText } from './documents';
import { Listeners, type WorldEvent, type WorldHandle, type WorldOptions } from './handle';

interface WorldDocument {
  id: string;
  description: Description;
  frame: Frame;
  playing: { speed: number | null } | null;
}

interface Moved {
  progress: 'more' | 'paused' | 'finished';
  frame: Frame;
}

type Message =
  | { seq: number; type: 'frame'; frame: Frame; feed: Feed }
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

export class ServerWorld implements WorldHandle {
  readonly where = 'server';
  readonly description: Description;
  readonly first: Frame;
  private readonly path: string;
  private readonly listeners = new Listeners();
  private socket: WebSocket | null = null;
  private next: number | null = null;
  private retry = RETRY_LEAST;
  private timer = 0;
  private isClosed = false;
  private isPlaying = false;
  private readonly leave = (): void => void remove(this.path, true).catch(() => undefined);

  constructor(
    document: WorldDocument,
    readonly scenario: ScenarioText,
    readonly options: WorldOptions,
  ) {
    this.path = `/worlds/${encodeURIComponent(document.id)}`;
    this.description = document.description;
    this.first = document.frame;
    this.connect();
    addEventListener('pagehide', this.leave);
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
    try {
      await this.call('play', { speed });
    } catch (error) {
      this.tellPlaying(null);
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.call('stop_playing');
    this.tellPlaying(null);
  }

  async seek(seconds: number): Promise<void> {
    await this.call('seek', { seconds });
  }

  async branch(): Promise<WorldHandle> {
    return new ServerWorld(await this.call<WorldDocument>('branch'), this.scenario, this.options);
  }

  causes(row: number): Promise<EventRow[]> {
    return get<EventRow[]>(`${this.path}/causes/${row}`).catch(unless<EventRow[]>([404], []));
  }

  results(): Promise<Results> {
    return get(`${this.path}/results`);
  }

  ledger(): Promise<Uint8Array> {
    return getBytes(`${this.path}/ledger?format=arrow`);
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.timer);
    removeEventListener('pagehide', this.leave);
    this.socket?.close();
    this.leave();
  }

  private call<T>(name: string, body?: unknown): Promise<T> {
    return post<T>(`${this.path}/${name}`, body);
  }

  private tellPlaying(playing: { speed: number | null } | null): void {
    this.isPlaying = playing !== null;
    this.listeners.tell({ type: 'playing', playing });
  }

  private connect(): void {
    const from = this.next === null ? '' : `&from=${this.next}`;
    const socket = new WebSocket(socketAddress(`${this.path}/events?limit=${FEED_ROWS}${from}`));
    this.socket = socket;
    socket.onopen = () => {
      this.retry = RETRY_LEAST;
      this.listeners.tell({ type: 'connection', state: 'open' });
    };
    socket.onmessage = (event) => this.hear(JSON.parse(String(event.data)) as Message);
    socket.onclose = () => {
      if (this.isClosed) return;
      this.listeners.tell({ type: 'connection', state: 'lost' });
      this.timer = window.setTimeout(() => void this.reconnect(), this.retry);
      this.retry = Math.min(RETRY_MOST, this.retry * 2);
    };
  }

  /** Connects again, unless the server has forgotten the world. */
  private async reconnect(): Promise<void> {
    try {
      const { playing } = await get<WorldDocument>(this.path);
      if (this.isClosed) return;
      this.tellPlaying(playing);
      this.connect();
    } catch (error) {
      if (this.isClosed) return;
      if (error instanceof ApiError && (error.status === 404 || error.status === 410)) {
        this.listeners.tell({ type: 'connection', state: 'gone' });
        return;
      }
      this.timer = window.setTimeout(() => void this.reconnect(), this.retry);
      this.retry = Math.min(RETRY_MOST, this.retry * 2);
    }
  }

  private hear(message: Message): void {
    if ('seq' in message && message.seq !== undefined) this.next = message.seq + 1;
    switch (message.type) {
      case 'frame':
        this.listeners.tell({ type: 'frame', frame: message.frame, feed: message.feed });
        if (this.isPlaying && (message.frame.phase === 'finished' || message.frame.phase === 'failed')) this.tellPlaying(null);
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

/** A run of the server with what it came to; a ledger that was handed over has no figures. */
export interface FullServerRun extends ServerRun {
  scenario_text: string;
  results: Results | null;
}

let isThere: boolean | null = null;
const watchers = new Set<() => void>();

/** The server that this page came from, if it is one. */
export const server = {
  /** Whether it answers; `null` until it was asked. */
  isThere: (): boolean | null => isThere,

  subscribe(listener: () => void): () => void {
    watchers.add(listener);
    return () => watchers.delete(listener);
  },

  /** Asks whether there is a server. */
  async ask(): Promise<boolean> {
    const before = isThere;
    isThere = await get<unknown>('/kinds').then(
      (kinds) => Array.isArray(kinds),
      () => false,
    );
    if (isThere !== before) for (const watcher of watchers) watcher();
    return isThere;
  },

  async world(scenario: ScenarioText, { seed, replication }: WorldOptions): Promise<WorldHandle> {
    const options = { ...(seed === undefined ? {} : { seed }), ...(replication === undefined ? {} : { replication }) };
    const document = await post<WorldDocument>('/worlds', { scenario: storedScenario(scenario), ...options });
    const { frame } = await post<Moved>(`/worlds/${encodeURIComponent(document.id)}/start`);
    return new ServerWorld({ ...document, frame }, scenario, options);
  },

  async runs(): Promise<ServerRun[]> {
    const answer = await get<ServerRun[] | { runs: ServerRun[] }>('/runs?limit=100').catch(unless<ServerRun[]>([404, 405], []));
    return Array.isArray(answer) ? answer : answer.runs;
  },

  run: (id: string): Promise<FullServerRun> => get(`/runs/${encodeURIComponent(id)}`),

  deleteRun: (id: string): Promise<void> => remove(`/runs/${encodeURIComponent(id)}`),

  /** Hands a ledger over. */
  ingest: (ledger: Uint8Array): Promise<{ run_id?: string; id?: string; rows?: number; ledger_hash?: string }> =>
    postBytes('/simulation/ingest', ledger, 'application/vnd.apache.arrow.file'),
};
