/**
 * The scenario and the world that are open: one at a time.
 *
 * The draft is what the editor shows; the world is of the scenario as it was when it was applied last. A draft with
 * errors changes nothing: the old world stays.
 */
import { BrowserWorld } from '../world/browser';
import type { Finding, ScenarioText } from '../world/documents';
import type { WorldHandle, WorldOptions } from '../world/handle';
import { Live } from '../world/live';
import { server } from '../world/server';
import { settings } from './settings';
import { keepWhenFinished } from '../runs/keep';

export interface SessionState {
  scenario: ScenarioText | null;
  draft: string;
  live: Live | null;
  isOpening: boolean;
  /** Why there is no (new) world. */
  problem: string | null;
  findings: Finding[];
  /** Something to tell once. */
  notice: string | null;
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
  const { seed, replication } = settings.get();
  return { ...(seed === null ? {} : { seed }), ...(replication === 0 ? {} : { replication }) };
}

async function create(scenario: ScenarioText): Promise<WorldHandle> {
  return settings.get().where === 'server' ? server.world(scenario, options()) : BrowserWorld.create(scenario, options());
}

function show(handle: WorldHandle): void {
  state.live?.close();
  const live = new Live(handle);
  keepWhenFinished(live, (name) => update({ notice: `Kept in Runs as “${name}”` }));
  update({ live, isOpening: false, problem: null });
}

export const session = {
  get: (): SessionState => state,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },

  /** Opens a scenario in a new world. */
  async open(scenario: ScenarioText): Promise<void> {
    const isOther = scenario.name !== state.scenario?.name;
    if (isOther && state.scenario !== null) settings.set({ seed: null, replication: 0 });
    update({ scenario, draft: scenario.text, findings: [] });
    settings.set({ open: scenario });
    await session.restart(isOther);
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
    const attempt = ++attempts;
    if (isOther) {
      state.live?.close();
      update({ live: null });
    }
    update({ isOpening: true, problem: null });
    try {
      const handle = await create(scenario);
      if (attempt === attempts) show(handle);
      else handle.close();
    } catch (error) {
      if (attempt !== attempts) return;
      update({ isOpening: false, problem: error instanceof Error ? error.message : String(error) });
    }
  },

  /** Goes on in a second world, from where this one is. */
  async branch(): Promise<void> {
    const { live } = state;
    if (!live) return;
    await live.attempt(async () => {
      show(await live.handle.branch());
      update({ notice: 'A branch: what it does from here on is its own' });
    });
  },

  setDraft(draft: string): void {
    if (draft === state.draft) return;
    update({ draft });
    if (state.scenario) settings.set({ open: { ...state.scenario, text: draft } });
  },

  setFindings(findings: Finding[]): void {
    update({ findings });
  },

  tell(notice: string | null): void {
    update({ notice });
  },
};

/** Whether the editor shows something else than the world is of. */
export function isEdited({ draft, scenario }: SessionState): boolean {
  return scenario !== null && draft !== scenario.text;
}
