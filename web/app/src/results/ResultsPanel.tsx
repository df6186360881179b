/** What the world has come to so far. */
import type { ReactNode } from 'react';
import { duration, line, metricLine } from '../format/number';
import { useLive } from '../shell/hooks';
import type { Live } from '../world/live';
import { grouped, rowsOf } from './groups';

export function ResultsPanel({ live }: { live: Live }): ReactNode {
  const { results } = useLive(live);
  if (!results) return <p className="empty">No figures yet.</p>;
  const simulated = results.sim_seconds;
  return (
    <div className="results">
      <p className="about">
        {results.complete ? 'The whole run' : 'So far'}: {duration(simulated)} simulated, seed {results.seed}. One run has no confidence interval.
      </p>
      <table className="metrics">
        <thead className="unseen">
          <tr>
            <th scope="col">Figure</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        {grouped(rowsOf(results)).map(([group, rows]) => (
          <tbody key={group}>
            {group !== '' && (
              <tr className="group">
                <th scope="rowgroup" colSpan={2}>
                  {group}
                </th>
              </tr>
            )}
            {rows.map(({ key, name, metric }) => (
              <tr key={key}>
                <th scope="row">{name}</th>
                <td>{line(metricLine(metric))}</td>
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
