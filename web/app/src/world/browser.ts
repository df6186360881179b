/** Worlds in this page: the engine as WebAssembly in a worker. Nothing leaves the machine. */
import { load, type RemoteEngine, type RemoteWorld } from '@pluriverse/engine/worker';
import type { Description, EventRow, Finding, Frame, Results, ScenarioText } from './documents';
import { Listeners, type WorldEvent, type WorldHandle, type WorldOptions } from './handle';

let engine: Promise<RemoteEngine> | null = null;

/** The engine of this page; loaded when it is first asked for, again after it could not be. */
export function browserEngine(): Promise<RemoteEngine> {
  engine ??= load().catch((error: unknown) => {
    engine = null;
    throw error;
  });
  return engine;
}

/** What the engine says of a scenario's text. */
export async function check(scenario: ScenarioText, overrides: Record<string, string> = {}): Promise<Finding[]> {
  return (await browserEngine()).check(scenario, { overrides });
}

/** The JSON Schema of scenarios of a kind. */
export async function schemaOf(kind: string): Promise<string> {
  return (await browserEngine()).schema(kind);
}

/** What a world of the scenario would be, without keeping it. */
export async function describeScenario(scenario: ScenarioText): Promise<Description> {
  const world = await (await browserEngine()).world(scenario);
  try {
    return await world.describe();
  } finally {
    await world.free();
  }
}

/** Many runs of a scenario, in a worker of their own; `cancel` ends it. */
export function runMany(scenario: ScenarioText, options: { seed: number; replications: number; overrides?: Record<string, string> }): { results: Promise<Results>; cancel: () => void } {
  const own = load();
  const cancel = (): void => void own.then((engine) => engine.close(), () => undefined);
  const results = own.then((engine) => engine.run(scenario, options)).finally(cancel);
  return { results, cancel };
}

/** A time that the engine has exactly. */
function wholeMillis(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** How often a way from the beginning is looked at. */
const LOOKS = 120;

export class BrowserWorld implements WorldHandle {
  readonly where = 'browser';
  private readonly listeners = new Listeners();
  /** The way that it is on by itself; another call ends it. */
  private way = 0;
  /** Done when no seek is under way. */
  private seeking: Promise<void> = Promise.resolve();

  private constructor(
    private readonly world: RemoteWorld,
    readonly scenario: ScenarioText,
    readonly options: WorldOptions,
    readonly description: Description,
    readonly first: Frame,
  ) {
    world.on('frame', ({ frame, feed }) => this.listeners.tell({ type: 'frame', frame, feed }));
    world.on('end', () => this.listeners.tell({ type: 'playing', playing: null }));
    world.on('error', (error) => {
      this.listeners.tell({ type: 'playing', playing: null });
      this.listeners.tell({ type: 'error', message: error.message });
    });
  }

  static async create(scenario: ScenarioText, options: WorldOptions): Promise<BrowserWorld> {
    const world = await (await browserEngine()).world(scenario, options);
    await world.start();
    return BrowserWorld.of(world, scenario, options);
  }

  private static async of(world: RemoteWorld, scenario: ScenarioText, options: WorldOptions): Promise<BrowserWorld> {
    const [description, frame] = await Promise.all([world.describe(), world.frame()]);
    return new BrowserWorld(world, scenario, options, description, frame);
  }

  listen(listener: (event: WorldEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  async step(count: number): Promise<void> {
    await this.seeking;
    this.way += 1;
    for (let done = 0; done < count; done++) if ((await this.world.step()) === 'finished') return;
  }

  async play(speed: number | null): Promise<void> {
    await this.seeking;
    // Told first: a world that ends at once says so before the call is answered.
    this.listeners.tell({ type: 'playing', playing: { speed } });
    try {
      if (await this.pass(speed === null ? (this.description.until_seconds ?? 0) : 0)) await this.world.play(speed);
    } catch (error) {
      this.listeners.tell({ type: 'playing', playing: null });
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.way += 1;
    await this.world.stopPlaying();
    this.listeners.tell({ type: 'playing', playing: null });
  }

  seek(seconds: number): Promise<void> {
    const to = wholeMillis(seconds);
    const moved = this.pass(to).then(async (isFree) => void (isFree && (await this.world.seek(to))));
    // Whoever waits for it only wants to know when; what went wrong is for who has asked.
    this.seeking = moved.catch(() => undefined);
    return moved;
  }

  /** Runs up to a time, if that is to come, and looks in between; `false` when another call has taken over. */
  private async pass(to: number): Promise<boolean> {
    this.way += 1;
    const { way } = this;
    const { now_seconds: from } = await this.world.frame();
    const looks = Math.ceil((LOOKS * (to - from)) / Math.max(to, 1));
    for (let look = 1; look < looks; look++) {
      const moved = this.world.runUntil(wholeMillis(from + ((to - from) * look) / looks));
      const [progress, frame] = await Promise.all([moved, this.world.frame()]);
      if (way !== this.way) return false;
      if (progress !== 'more') break;
      this.listeners.tell({ type: 'passed', frame });
    }
    return way === this.way;
  }

  async branch(): Promise<WorldHandle> {
    await this.seeking;
    return BrowserWorld.of(await this.world.branch(), this.scenario, this.options);
  }

  causes(row: number): Promise<EventRow[]> {
    return this.world.causes(row);
  }

  results(): Promise<Results> {
    return this.world.results();
  }

  async ledger(): Promise<Uint8Array> {
    await this.seeking;
    return this.world.ledger();
  }

  leave(): void {
    this.close();
  }

  async end(): Promise<void> {
    // A worker that has failed cannot free it; its memory is gone with it.
    await this.world.free().catch(() => undefined);
  }

  close(): void {
    void this.end();
  }
}
