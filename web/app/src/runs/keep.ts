/** Keeps a run when its world comes to its end. */
import type { Samples } from '../charts/samples';
import type { Results } from '../world/documents';
import type { Live } from '../world/live';
import { runs, type Curve } from './store';

/** Keeps the run of `live` once, when it has finished; `told` hears under which name. */
export function keepWhenFinished(live: Live, told: (name: string) => void): void {
  const stop = live.subscribe(() => {
    if (live.frame.phase !== 'finished') return;
    stop();
    void live.attempt(async () => told(await keep(live)));
  });
}

async function keep(live: Live): Promise<string> {
  return put(live, await live.handle.results(), total(live.series.waiting));
}

/** Keeps what many runs of a world's scenario came to; returns under which name. */
export function keepMany(live: Live, results: Results): Promise<string> {
  return put(live, results, null);
}

async function put({ handle, description }: Live, results: Results, waiting: Curve | null): Promise<string> {
  const before = (await runs.all()).filter((run) => run.scenario.name === handle.scenario.name).length;
  const name = `${description.name} ${before + 1}${results.replications > 1 ? ` × ${results.replications}` : ''}`;
  await runs.put({
    id: crypto.randomUUID(),
    name,
    created_at: new Date().toISOString(),
    source: results.replications > 1 ? 'browser' : handle.where,
    scenario: handle.scenario,
    title: description.title,
    replication: description.replication,
    results,
    waiting,
  });
  return name;
}

function total(samples: Samples): Curve {
  const times = [...samples.times.subarray(0, samples.length)];
  const values = times.map((_, index) => samples.columns.reduce((sum, column) => sum + (column[index] ?? 0), 0));
  return { times, values };
}
