/** Runs of the server, in the shape of those that this browser keeps. */
import { server, type FullServerRun, type ServerRun } from '../world/server';
import { runs, type KeptRun } from './store';

/** What a run of the server is called. */
export function nameOfRun({ scenario, id }: ServerRun): string {
  return `${scenario.replace(/\.(toml|json)$/, '')} ${id.slice(0, 8)}`;
}

/** A server's run that has figures; `null` for one that has none. */
export function fromServer(run: FullServerRun): KeptRun | null {
  if (!run.results) return null;
  return {
    id: `server:${run.id}`,
    name: nameOfRun(run),
    created_at: run.created_at,
    source: run.source,
    scenario: { name: run.scenario, text: run.scenario_text },
    title: '',
    replication: 0,
    overrides: Object.fromEntries(run.overrides),
    results: { ...run.results, series: run.results.series ?? [], distributions: run.results.distributions ?? [] },
  };
}

/** The run of this name, wherever it is kept. */
export async function findRun(id: string): Promise<KeptRun | null> {
  if (id.startsWith('server:')) return fromServer(await server.run(id.slice('server:'.length)));
  return (await runs.get(id)) ?? null;
}
