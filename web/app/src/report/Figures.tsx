/** All figures of a run as a table. */
import type { ReactNode } from 'react';
import { interval, metricLine } from '../format/number';
import { grouped, rowsOf } from '../results/groups';
import type { Results } from '../world/documents';

export function Figures({ results }: { results: Results }): ReactNode {
  return (
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
              <td>{interval(metricLine(metric))}</td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}
