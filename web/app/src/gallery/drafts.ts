/** One's own scenarios: what was changed, opened from a file or begun anew, kept in this browser until it is deleted. */
import { Kept } from '../shell/database';
import type { ScenarioText } from '../world/documents';

export interface DraftScenario {
  id: string;
  scenario: ScenarioText;
  changed_at: string;
}

/** So many are kept; the one that was changed longest ago gives way. */
const MOST = 100;

const kept = new Kept<DraftScenario>('drafts');

export const drafts = {
  /** All drafts, the latest first. */
  async all(): Promise<DraftScenario[]> {
    return (await kept.all()).sort((left, right) => right.changed_at.localeCompare(left.changed_at));
  },

  async put(id: string, scenario: ScenarioText): Promise<void> {
    await kept.put({ id, scenario, changed_at: new Date().toISOString() });
    for (const { id } of (await drafts.all()).slice(MOST)) await kept.delete(id);
  },

  delete: (id: string): Promise<void> => kept.delete(id),
  subscribe: kept.subscribe,
};
