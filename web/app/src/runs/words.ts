/** What is told of a kept run, and how it is opened again. */
import { session } from '../shell/session';
import type { KeptRun } from './store';

/** A moment of the wall clock, short. */
export function when(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** Opens a new world of the run's scenario, under its seed and with the values that were set for it. */
export async function openRun(run: KeptRun): Promise<void> {
  location.hash = '#/world';
  await session.open(run.scenario, null, { seed: run.results.seed, replication: run.replication, overrides: run.overrides ?? {} });
}
