/** Finished runs that this browser keeps. */
import { Kept } from '../shell/database';
import type { Results, ScenarioText } from '../world/documents';

export interface KeptRun {
  id: string;
  name: string;
  created_at: string;
  source: 'browser' | 'server' | 'cli';
  scenario: ScenarioText;
  title: string;
  replication: number;
  /** Values that were set over those of the scenario's text, if any. */
  overrides?: Record<string, string>;
  results: Results;
}

const kept = new Kept<KeptRun>('runs');

/** A run that an earlier version of this page has kept lacks what results had not then. */
function whole(run: KeptRun): KeptRun {
  const { series = [], distributions = [] } = run.results as Partial<Results>;
  return { ...run, results: { ...run.results, series, distributions } };
}

export const runs = {
  /** All runs, the latest first. */
  async all(): Promise<KeptRun[]> {
    return (await kept.all()).map(whole).sort((left, right) => right.created_at.localeCompare(left.created_at));
  },

  async get(id: string): Promise<KeptRun | undefined> {
    const run = await kept.get(id);
    return run && whole(run);
  },

  put: (run: KeptRun): Promise<void> => kept.put(run),
  delete: (id: string): Promise<void> => kept.delete(id),
  subscribe: kept.subscribe,
};
