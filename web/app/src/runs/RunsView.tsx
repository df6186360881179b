/** Runs that were kept: in this browser, and on the server where there is one. Two of them are compared. */
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { whole } from '../format/number';
import { useLocked, useServer } from '../shell/hooks';
import { Icon } from '../shell/icons';
import { LockedNote } from '../shell/LockedNote';
import { Problem } from '../shell/Problem';
import { session } from '../shell/session';
import { server, type ServerRun } from '../world/server';
import { runs, type KeptRun } from './store';
import { nameOfRun } from './server';
import { openRun, when } from './words';

interface Lists {
  kept: KeptRun[];
  served: ServerRun[];
  problem: string | null;
}

function useRuns(): Lists & { reload: () => void } {
  const [lists, setLists] = useState<Lists>({ kept: [], served: [], problem: null });
  const isThere = useServer();
  const isLocked = useLocked();
  const reload = useCallback(() => {
    void Promise.allSettled([runs.all(), isThere && !isLocked ? server.runs() : Promise.resolve([])]).then(([kept, served]) => {
      setLists({
        kept: kept.status === 'fulfilled' ? kept.value : [],
        served: served.status === 'fulfilled' ? served.value : [],
        problem: kept.status === 'rejected' ? wordsOf(kept.reason) : served.status === 'rejected' ? wordsOf(served.reason) : null,
      });
    });
  }, [isThere, isLocked]);
  useEffect(() => {
    reload();
    return runs.subscribe(reload);
  }, [reload]);
  return { ...lists, reload };
}

export function RunsView(): ReactNode {
  const { kept, served, problem, reload } = useRuns();
  const [chosen, setChosen] = useState<string[]>([]);
  const toggle = (id: string): void => setChosen((before) => (before.includes(id) ? before.filter((other) => other !== id) : [...before, id].slice(-2)));
  const age = (id: string): string => kept.find((run) => run.id === id)?.created_at ?? served.find((run) => `server:${run.id}` === id)?.created_at ?? '';
  const [left, right] = chosen.toSorted((one, other) => age(one).localeCompare(age(other)));
  const isEmpty = kept.length === 0 && served.length === 0;
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Runs</h1>
          <p className="muted">A run is kept when it comes to its end. Choose two to see them side by side.</p>
        </div>
        <button type="button" className="primary" disabled={chosen.length < 2} onClick={() => (location.hash = `#/compare/${left}/${right}`)}>
          Compare{chosen.length < 2 ? ` (${chosen.length} of 2)` : ''}
        </button>
      </header>
      <Problem>{problem}</Problem>
      <LockedNote />
      {isEmpty && (
        <div className="empty big">
          <p>No run has come to its end yet.</p>
          <a className="button" href="#/">
            Open a scenario
          </a>
        </div>
      )}
      {kept.length > 0 && (
        <section aria-labelledby="kept">
          <h2 id="kept">In this browser</h2>
          <ul className="runs">
            {kept.map((run) => (
              <KeptLine key={run.id} run={run} isChosen={chosen.includes(run.id)} toggle={toggle} />
            ))}
          </ul>
        </section>
      )}
      {served.length > 0 && (
        <section aria-labelledby="served">
          <h2 id="served">On the server</h2>
          <ul className="runs">
            {served.map((run) => (
              <ServedLine key={run.id} run={run} isChosen={chosen.includes(`server:${run.id}`)} toggle={toggle} reload={reload} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const SOURCES = { server: 'run there', browser: 'from a browser', cli: 'from the command line' };

function KeptLine({ run, isChosen, toggle }: { run: KeptRun; isChosen: boolean; toggle: (id: string) => void }): ReactNode {
  const [isNamed, setNamed] = useState(false);
  const rename = (name: string): void => {
    setNamed(false);
    const trimmed = name.trim();
    if (trimmed !== '' && trimmed !== run.name) void runs.put({ ...run, name: trimmed });
  };
  return (
    <li className={isChosen ? 'run chosen' : 'run'}>
      <input type="checkbox" checked={isChosen} aria-label={`Choose ${run.name}`} onChange={() => toggle(run.id)} />
      <div className="run-text">
        {isNamed ? (
          <input
            autoFocus
            aria-label="Name of the run"
            defaultValue={run.name}
            onBlur={(event) => rename(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') rename(event.currentTarget.value);
              if (event.key === 'Escape') setNamed(false);
            }}
          />
        ) : (
          <a className="run-name" href={`#/report/${run.id}`}>
            {run.name}
          </a>
        )}
        <span className="muted">
          {when(run.created_at)} · seed {run.results.seed} · {whole(run.results.events)} events · {run.source === 'server' ? 'on the server' : 'in this browser'}
        </span>
      </div>
      <code className="run-hash" title={run.results.ledger_hash ?? ''}>
        {run.results.ledger_hash?.slice(0, 12) ?? ''}
      </code>
      <div className="run-actions">
        <a className="button quiet" href={`#/report/${run.id}`} aria-label={`Report of ${run.name}`}>
          Report
        </a>
        <button type="button" className="quiet" aria-label={`Open ${run.name}`} onClick={() => void openRun(run)}>
          Open
        </button>
        <button type="button" className="quiet square" aria-label={`Rename ${run.name}`} onClick={() => setNamed(true)}>
          <Icon name="pencil" />
        </button>
        <button type="button" className="quiet square" aria-label={`Delete ${run.name}`} onClick={() => void runs.delete(run.id)}>
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}

function ServedLine({ run, isChosen, toggle, reload }: { run: ServerRun; isChosen: boolean; toggle: (id: string) => void; reload: () => void }): ReactNode {
  return (
    <li className={isChosen ? 'run chosen' : 'run'}>
      <input type="checkbox" checked={isChosen} aria-label={`Choose ${nameOfRun(run)}`} onChange={() => toggle(`server:${run.id}`)} />
      <div className="run-text">
        <a className="run-name" href={`#/report/server:${run.id}`}>
          {nameOfRun(run)}
        </a>
        <span className="muted">
          {when(run.created_at)} · seed {run.seed} · {run.status}
          {run.replications > 1 ? ` · ${run.replications} replications` : ''}
          {run.ledger_rows !== null ? ` · ${whole(run.ledger_rows)} rows` : ''} · {SOURCES[run.source]}
        </span>
      </div>
      <code className="run-hash" title={run.ledger_hash ?? ''}>
        {run.ledger_hash?.slice(0, 12) ?? ''}
      </code>
      <div className="run-actions">
        <a className="button quiet" href={`#/report/server:${run.id}`} aria-label={`Report of ${nameOfRun(run)}`}>
          Report
        </a>
        <button type="button" className="quiet square" aria-label={`Delete ${nameOfRun(run)}`} onClick={() => void server.deleteRun(run.id).then(reload, (error: unknown) => session.tell(wordsOf(error)))}>
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}
