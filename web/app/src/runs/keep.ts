/** Keeps a run when its world comes to its end. */
import type { Samples } from '../charts/samples';
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
  const { handle, description } = live;
  const results = await handle.results();
  const before = (await runs.all()).filter((run) => run.scenario.name === handle.scenario.name).length;
  const name = `${description.name} ${before + 1}`;
  await runs.put({
    id: crypto.randomUUID(),
    name,
    created_at: new Date().toISOString(),
    source: handle.where,
    scenario: handle.scenario,
    title: description.title,
    replication: description.replication,
    results,
    waiting: total(live.series.waiting),
  });
  return name;
}

function total(samples: Samples): Curve {
  const times = [...samples.times.subarray(0, samples.length)];
  const values = times.map((_, index) => samples.columns.reduce((sum, column) => sum + (column[index] ?? 0), 0));
  return { times, values };
}
