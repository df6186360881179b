/**
 * The scenario and the world that are open: one at a time.
 *
 * The draft is what the editor shows; the world is of the scenario as it was when it was applied last. A draft with
 * errors changes nothing: the old world stays.
 */
import { wordsOf } from '../format/error';
import { BrowserWorld } from '../world/browser';
import type { Finding, ScenarioText } from '../world/documents';
import type { WorldHandle, WorldOptions } from '../world/handle';
import { Live } from '../world/live';
import { server } from '../world/server';
import { drafts } from '../gallery/drafts';
import { keepWhenFinished } from '../runs/keep';
import { showsWorld, worldAddress } from './routes';
import { settings } from './settings';

export interface Notice {
  text: string;
  action?: { label: string; act: () => void };
}

export interface SessionState {
  scenario: ScenarioText | null;
  draft: string;
  live: Live | null;
  isOpening: boolean;
  /** Why there is no (new) world. */
  problem: string | null;
  findings: Finding[];
  /** Something to tell once, and what can be done about it. */
  notice: Notice | null;
}

let state: SessionState = {
  scenario: null, draft: '', live: null, isOpening: false, problem: null, findings: [], notice: null,
};
const listeners = new Set<() => void>();
let attempts = 0;

function update(change: Partial<SessionState>): void {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

function options(): WorldOptions {
  const { seed, replication, overrides } = settings.get();
  return {
    ...(seed === null ? {} : { seed }),
    ...(replication === 0 ? {} : { replication }),
    ...(Object.keys(overrides).length === 0 ? {} : { overrides }),
  };
}

async function create(scenario: ScenarioText): Promise<WorldHandle> {
  return settings.get().where === 'server' ? server.world(scenario, options()) : BrowserWorld.create(scenario, options());
}

function show(handle: WorldHandle): void {
  state.live?.close();
  const live = new Live(handle);
  keepWhenFinished(live, session.tellKept);
  update({ live, isOpening: false, problem: null });
  if (showsWorld() && location.hash !== worldAddress(handle.id)) location.replace(worldAddress(handle.id));
}

/** Shows what `make` comes to, unless something else was asked for meanwhile. */
async function showSoon(make: () => Promise<WorldHandle>): Promise<void> {
  const attempt = ++attempts;
  update({ isOpening: true, problem: null });
  try {
    const handle = await make();
    if (attempt === attempts) show(handle);
    else handle.close();
  } catch (error) {
    if (attempt === attempts) update({ isOpening: false, problem: wordsOf(error) });
  }
}

/** How long after the last change a draft is kept, in milliseconds. */
const KEEP_AFTER = 400;
let keeping = 0;

function keepDraft(scenario: ScenarioText): void {
  const draft = settings.get().draft ?? crypto.randomUUID();
  settings.set({ open: scenario, draft });
  clearTimeout(keeping);
  keeping = window.setTimeout(() => {
    drafts.put(draft, scenario).catch((error: unknown) => session.tell(`The change is in this page only: ${wordsOf(error)}`));
  }, KEEP_AFTER);
}

/** How a scenario is opened, where not as it says itself. */
interface Opening {
  seed?: number | null;
  replication?: number;
  overrides?: Record<string, string>;
}

const NOTHING = { scenario: null, draft: '', live: null, findings: [], problem: null, isOpening: false };

export const session = {
  get: (): SessionState => state,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  /** Opens a scenario in a new world, under its own seed and values unless told otherwise; `draft` is what it is kept as, if it is one's own. */
  async open(scenario: ScenarioText, draft: string | null = null, { seed = null, replication = 0, overrides = {} }: Opening = {}): Promise<void> {
    const isOther = scenario.name !== state.scenario?.name;
    update({ scenario, draft: scenario.text, findings: [] });
    settings.set({ open: scenario, draft, seed, replication, overrides });
    await session.restart(isOther);
  },

  /** Shows a world that is on the server already, whoever made it. */
  async attach(id: string): Promise<void> {
    if (state.live?.handle.id === id) return;
    state.live?.leave();
    update(NOTHING);
    await showSoon(async () => {
      const handle = await server.attach(id);
      const { scenario, options } = handle;
      const { seed = null, replication = 0, overrides = {} } = options;
      settings.set({ where: 'server', open: scenario, draft: null, seed, replication, overrides });
      update({ scenario, draft: scenario.text });
      return handle;
    });
  },

  /** Shows no world any more; it goes on. */
  leave(): void {
    state.live?.leave();
    update(NOTHING);
  },

  /** Ends the world. */
  async end(): Promise<void> {
    const { live } = state;
    update(NOTHING);
    await live?.end();
  },

  /** Makes a new world of what the editor shows. */
  async apply(): Promise<void> {
    if (!state.scenario) return;
    const scenario = { ...state.scenario, text: state.draft };
    update({ scenario });
    await session.restart(false);
  },

  /** A new world of the scenario, at its beginning; an old one of another scenario is not kept meanwhile. */
  async restart(isOther: boolean): Promise<void> {
    const { scenario } = state;
    if (!scenario) return;
    if (isOther) {
      state.live?.close();
      update({ live: null });
    }
    await showSoon(() => create(scenario));
  },

  /** A new world of the scenario's text alone, without the values that were set over it. */
  async dropOverrides(): Promise<void> {
    settings.set({ overrides: {} });
    await session.restart(false);
  },

  /** Goes on in a second world, from where this one is. */
  async branch(): Promise<void> {
    const { live } = state;
    if (!live) return;
    await live.attempt(async () => {
      show(await live.handle.branch());
      session.tell('A branch: what it does from here on is its own');
    });
  },

  setDraft(draft: string): void {
    if (draft === state.draft) return;
    update({ draft });
    if (state.scenario) keepDraft({ ...state.scenario, text: draft });
  },

  setFindings(findings: Finding[]): void {
    update({ findings });
  },

  tell(text: string, action?: Notice['action']): void {
    update({ notice: { text, ...(action ? { action } : {}) } });
  },

  /** Tells that a run was kept, and leads to its report. */
  tellKept({ id, name }: { id: string; name: string }): void {
    session.tell(`Kept in Runs as “${name}”`, { label: 'Report', act: () => (location.hash = `#/report/${id}`) });
  },

  hush(): void {
    update({ notice: null });
  },
};

/** Whether the editor shows something else than the world is of. */
export function isEdited({ draft, scenario }: SessionState): boolean {
  return scenario !== null && draft !== scenario.text;
}
