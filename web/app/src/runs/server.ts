/** Runs of the server, in the shape of those that this browser keeps. */
import { server, type ServerRun } from '../world/server';
import { runs, type KeptRun } from './store';

/** A server's run that has results; `null` while it has none. */
export function fromServer(run: ServerRun): KeptRun | null {
  if (!run.results) return null;
  const scenario = typeof run.scenario === 'string' ? { name: run.scenario } : run.scenario;
  return {
    id: `server:${run.id}`,
    name: `${scenario.name} ${run.id.slice(0, 8)}`,
    created_at: run.created_at,
    source: run.source,
    scenario: { name: scenario.name, text: '' },
    title: 'title' in scenario ? (scenario.title ?? '') : '',
    replication: 0,
    results: run.results,
    waiting: null,
  };
}

/** The run of this name, wherever it is kept. */
export async function findRun(id: string): Promise<KeptRun | null> {
  if (id.startsWith('server:')) return fromServer(await server.run(id.slice('server:'.length)));
  return (await runs.get(id)) ?? null;
}
