/** Two runs side by side. Whether more is better, the reader decides. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { whole } from '../format/number';
import { Problem } from '../shell/Problem';
import { changedLines, pairsOf, scenarioOf, type Pair } from './compare';
import { findRun } from './server';
import { runs, type KeptRun } from './store';

const OverlaidCharts = lazy(() => import('../report/ReportCharts').then(({ OverlaidCharts }) => ({ default: OverlaidCharts })));

export function CompareView({ left, right }: { left: string | undefined; right: string | undefined }): ReactNode {
  const [pair, setPair] = useState<[KeptRun, KeptRun] | null>(null);
  const [all, setAll] = useState<KeptRun[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const tell = (error: unknown): void => setProblem(wordsOf(error));
    void runs.all().then((found) => isCurrent && setAll(found), tell);
    void Promise.all([findRun(left ?? ''), findRun(right ?? '')]).then(([a, b]) => {
      if (!isCurrent) return;
      setProblem(a && b ? null : 'One of these runs is no longer there, or is a ledger without figures.');
      setPair(a && b ? [a, b] : null);
    }, tell);
    return () => {
      isCurrent = false;
    };
  }, [left, right]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Two runs side by side</h1>
          <p className="muted">
            <a href="#/runs">All runs</a>
          </p>
        </div>
        {pair && (
          <button type="button" onClick={() => (location.hash = `#/compare/${right}/${left}`)}>
            Swap
          </button>
        )}
      </header>
      <Problem>{problem}</Problem>
      {pair && <Comparison left={pair[0]} right={pair[1]} all={all} />}
    </div>
  );
}

function Comparison({ left, right, all }: { left: KeptRun; right: KeptRun; all: KeptRun[] }): ReactNode {
  const isSame = left.results.ledger_hash !== null && left.results.ledger_hash === right.results.ledger_hash;
  return (
    <>
      <div className="sides">
        <Side run={left} letter="A" all={all} choose={(id) => (location.hash = `#/compare/${id}/${right.id}`)} />
        <Side run={right} letter="B" all={all} choose={(id) => (location.hash = `#/compare/${left.id}/${id}`)} />
      </div>
      <p className={isSame ? 'verdict same' : 'verdict'} data-testid="verdict">
        {isSame ? 'The ledgers have the same hash: every event is the same.' : 'The ledgers differ.'}
      </p>
      <Changes left={left} right={right} />
      <Figures pairs={pairsOf(left.results, right.results)} />
      <Suspense fallback={null}>
        <OverlaidCharts left={left.results} right={right.results} />
      </Suspense>
    </>
  );
}

function Side({ run, letter, all, choose }: { run: KeptRun; letter: string; all: KeptRun[]; choose: (id: string) => void }): ReactNode {
  const options = all.some(({ id }) => id === run.id) ? all : [run, ...all];
  return (
    <div className={`side side-${letter.toLowerCase()}`}>
      <label>
        <span className="letter" aria-hidden="true">
          {letter}
        </span>
        <select value={run.id} aria-label={`Run ${letter}`} onChange={(event) => choose(event.target.value)}>
          {options.map((option) => (
            <option key={option.id} value={option.id}>
              {option.name}
            </option>
          ))}
        </select>
      </label>
      <p className="muted">
        {run.title || run.scenario.name} · seed {run.results.seed} · {whole(run.results.events)} events
      </p>
      <code title={run.results.ledger_hash ?? ''}>{run.results.ledger_hash?.slice(0, 16) ?? 'no hash'}</code>
    </div>
  );
}

function Changes({ left, right }: { left: KeptRun; right: KeptRun }): ReactNode {
  if (left.scenario.text === '' || right.scenario.text === '') return null;
  const changes = changedLines(scenarioOf(left), scenarioOf(right));
  if (changes.length === 0) return <p className="muted">Both have the same scenario.</p>;
  return (
    <section className="block" aria-labelledby="changes">
      <h2 id="changes">What was changed</h2>
      <pre className="changes" tabIndex={0} aria-label="Lines that differ">
        {changes.slice(0, 40).map((change) => (
          <div key={change.side + change.number} className={change.side}>
            <span className="letter">{change.side === 'left' ? 'A' : 'B'}</span> <span className="muted">{String(change.number).padStart(3)}</span> {change.text}
          </div>
        ))}
      </pre>
      {changes.length > 40 && <p className="muted">and {changes.length - 40} more lines</p>}
    </section>
  );
}

function Figures({ pairs }: { pairs: Pair[] }): ReactNode {
  const [onlyChanged, setOnlyChanged] = useState(true);
  const shown = onlyChanged ? pairs.filter(({ isEqual }) => !isEqual) : pairs;
  const groups = [...new Set(shown.map(({ group }) => group))];
  return (
    <section className="block" aria-labelledby="figures">
      <div className="panel-head">
        <h2 id="figures">Figures</h2>
        <label className="check">
          <input type="checkbox" checked={onlyChanged} onChange={(event) => setOnlyChanged(event.target.checked)} /> only those that differ
        </label>
      </div>
      {shown.length === 0 && <p className="muted">All {pairs.length} figures are equal.</p>}
      {shown.length > 0 && (
        <div className="scroll" tabIndex={0} role="group" aria-label="Figures side by side">
          <table className="compare">
            <thead>
              <tr>
                <th scope="col">Figure</th>
                <th scope="col">A</th>
                <th scope="col">B</th>
                <th scope="col">Difference</th>
                <th scope="col">Change</th>
              </tr>
            </thead>
            {groups.map((group) => (
              <tbody key={group}>
                {group !== '' && (
                  <tr className="group">
                    <th scope="rowgroup" colSpan={5}>
                      {group}
                    </th>
                  </tr>
                )}
                {shown
                  .filter((pair) => pair.group === group)
                  .map((pair) => (
                    <tr key={pair.key}>
                      <th scope="row">{pair.name}</th>
                      <td>{pair.left}</td>
                      <td>{pair.right}</td>
                      <td>{pair.difference}</td>
                      <td className="muted">{pair.change}</td>
                    </tr>
                  ))}
              </tbody>
            ))}
          </table>
        </div>
      )}
    </section>
  );
}
