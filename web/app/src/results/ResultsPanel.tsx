/** What the world has come to so far. */
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { duration, whole } from '../format/number';
import { Figures } from '../report/Figures';
import { keep } from '../runs/keep';
import { useLive } from '../shell/hooks';
import { session } from '../shell/session';
import { runMany } from '../world/browser';
import type { Results } from '../world/documents';
import type { Live } from '../world/live';

const ReportCharts = lazy(() => import('../report/ReportCharts').then(({ ReportCharts }) => ({ default: ReportCharts })));

export function ResultsPanel({ live }: { live: Live }): ReactNode {
  const [many, setMany] = useState<Results | null>(null);
  const { results: one } = useLive(live);
  useEffect(() => setMany(null), [live]);
  const results = many ?? one;
  if (!results) return <p className="empty">No figures yet.</p>;
  return (
    <div className="results">
      <Replications live={live} show={setMany} />
      {many === null ? (
        <p className="about">
          {results.complete ? 'The whole run' : 'So far'}: {duration(results.sim_seconds)} simulated, seed {results.seed}.
        </p>
      ) : (
        <p className="about">
          {whole(many.replications)} whole runs, seed {many.seed}; ± is the 95 % confidence interval.{' '}
          <button type="button" className="tiny" onClick={() => setMany(null)}>
            Back to this world
          </button>
        </p>
      )}
      <Figures results={results} />
      <Suspense fallback={null}>
        <ReportCharts results={results} />
      </Suspense>
    </div>
  );
}

const MOST_REPLICATIONS = 100_000;

/** Whole runs of the same scenario with other streams, beside the world, in this browser. */
function Replications({ live, show }: { live: Live; show: (results: Results) => void }): ReactNode {
  const [count, setCount] = useState('20');
  const [cancel, setCancel] = useState<(() => void) | null>(null);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);
  const run = (): void => {
    const replications = Math.min(MOST_REPLICATIONS, Math.max(2, Number(count) || 2));
    setCount(String(replications));
    const asked = runMany(live.handle.scenario, { seed: live.description.seed, replications, overrides: live.handle.options.overrides ?? {} });
    let isCancelled = false;
    setCancel(() => () => {
      isCancelled = true;
      asked.cancel();
    });
    void asked.results
      .then(
        async (results) => {
          if (isHere.current) show(results);
          const kept = await keep(live, results);
          if (kept) session.tellKept(kept);
        },
        (error: unknown) => {
          if (!isCancelled) live.fail(wordsOf(error));
        },
      )
      .finally(() => isHere.current && setCancel(null));
  };
  return (
    <form
      className="replications"
      onSubmit={(event) => {
        event.preventDefault();
        if (cancel) cancel();
        else run();
      }}
    >
      <label>
        <span>Replications</span>
        <input inputMode="numeric" value={count} onChange={(event) => setCount(event.target.value.replace(/\D/g, ''))} />
      </label>
      <button type="submit" title="Whole runs of this scenario, for figures with their confidence intervals">
        {cancel ? 'Cancel' : 'Run them'}
      </button>
    </form>
  );
}
