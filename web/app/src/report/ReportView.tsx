/** What one run came to, on a page of its own: figures, figures by period, distributions, and what it was a run of. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { duration, whole } from '../format/number';
import { findRun } from '../runs/server';
import type { KeptRun } from '../runs/store';
import { scenarioOf } from '../runs/compare';
import { openRun, when } from '../runs/words';
import { Icon } from '../shell/icons';
import { Problem } from '../shell/Problem';
import { Hash } from '../transport/Hash';
import { Figures } from './Figures';

const ReportCharts = lazy(() => import('./ReportCharts').then(({ ReportCharts }) => ({ default: ReportCharts })));

export function ReportView({ id }: { id: string }): ReactNode {
  const [run, setRun] = useState<KeptRun | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    setRun(null);
    setProblem(null);
    findRun(id).then(
      (found) => {
        if (!isCurrent) return;
        setRun(found);
        if (!found) setProblem('This run is no longer there, or is a ledger without figures.');
      },
      (error: unknown) => isCurrent && setProblem(wordsOf(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [id]);
  if (!run) {
    return (
      <div className="page">
        <header className="page-head">
          <h1>Report of a run</h1>
        </header>
        <Problem>{problem}</Problem>
        <p>
          <a href="#/runs">All runs</a>
        </p>
      </div>
    );
  }
  return <Report run={run} />;
}

function Report({ run }: { run: KeptRun }): ReactNode {
  const { results, scenario } = run;
  const isMany = results.replications > 1;
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <p className="kicker">
            <a href="#/runs">Runs</a> / {run.name}
          </p>
          <h1>{run.title || scenario.name}</h1>
        </div>
        <div className="title-actions">
          <button type="button" onClick={() => saveFigures(run)}>
            <Icon name="download" /> Figures
          </button>
          {scenario.text !== '' && (
            <button type="button" className="primary" onClick={() => void openRun(run)}>
              Open its world
            </button>
          )}
        </div>
      </header>
      <dl className="facts">
        <Fact name={isMany ? 'Replications' : 'Simulated'}>{isMany ? whole(results.replications) : duration(results.sim_seconds)}</Fact>
        <Fact name="Events">{whole(results.events)}</Fact>
        <Fact name="Seed">{String(results.seed)}</Fact>
        <Fact name="Where">{run.source === 'server' ? 'on the server' : run.source === 'cli' ? 'command line' : 'in a browser'}</Fact>
        <Fact name="When">{when(run.created_at)}</Fact>
        <Fact name={isMany ? 'Hash over all ledgers' : 'Ledger hash'}>{results.ledger_hash === null ? '–' : <Hash hash={results.ledger_hash} />}</Fact>
      </dl>
      {!results.complete && <p className="banner warn">Not all that was planned is part of this: it was stopped before its end.</p>}
      <Suspense fallback={null}>
        <ReportCharts results={results} />
      </Suspense>
      <section className="block" aria-labelledby="all-figures">
        <h2 id="all-figures">All figures</h2>
        <p className="about">{isMany ? 'Means over the replications; ± is half the 95 % confidence interval.' : 'One run: what was observed in it. Several replications give intervals.'}</p>
        <div className="columns">
          <Figures results={results} />
        </div>
      </section>
      {scenario.text !== '' && (
        <section className="block" aria-labelledby="scenario-text">
          <h2 id="scenario-text">Scenario</h2>
          <pre className="scenario-text" tabIndex={0} aria-label="The scenario as TOML">
            {scenarioOf(run)}
          </pre>
        </section>
      )}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function saveFigures({ name, results }: KeptRun): void {
  const address = URL.createObjectURL(new Blob([JSON.stringify(results, null, 1)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name.replaceAll(/[^\w-]+/g, '-')}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
