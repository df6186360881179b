/** Keeps a run when its world comes to its end. */
import type { Results } from '../world/documents';
import type { Live } from '../world/live';
import { runs } from './store';

/** What a run is kept as. */
export interface Kept {
  id: string;
  name: string;
}

/** Keeps the run of `live` once, when it has finished; `told` hears as what. */
export function keepWhenFinished(live: Live, told: (kept: Kept) => void): void {
  const stop = live.subscribe(() => {
    if (live.frame.phase !== 'finished') return;
    stop();
    void live.attempt(async () => {
      const kept = await keep(live, await live.handle.results());
      if (kept) told(kept);
    });
  });
}

/** Keeps what runs of a world's scenario came to; returns as what, `null` when another tab has kept it. */
export async function keep({ handle, description }: Live, results: Results): Promise<Kept | null> {
  const isMany = results.replications > 1;
  // The same world in two tabs is one run.
  const id = handle.id === undefined || isMany ? crypto.randomUUID() : `${handle.id}-${results.ledger_hash ?? ''}`;
  if (await runs.get(id)) return null;
  const before = (await runs.all()).filter((run) => run.scenario.name === handle.scenario.name).length;
  const name = `${description.name} ${before + 1}${isMany ? ` × ${results.replications}` : ''}`;
  await runs.put({
    id,
    name,
    created_at: new Date().toISOString(),
    source: isMany ? 'browser' : handle.where,
    scenario: handle.scenario,
    title: description.title,
    replication: description.replication,
    ...(handle.options.overrides ? { overrides: handle.options.overrides } : {}),
    results,
  });
  return { id, name };
}
