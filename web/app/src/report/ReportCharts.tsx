/** The charts of a run's results: by period, and distributions. */
import { useMemo, type ReactNode } from 'react';
import type { Results } from '../world/documents';
import { PeriodCharts } from './PeriodCharts';
import { chartsOf, chartsOfBoth, hasIntervals, type PeriodChart } from './periods';
import { spreadsOf, spreadsOfBoth, type Spread } from './spread';
import { Spreads } from './Spreads';

type Charted = Pick<Results, 'series' | 'distributions'>;

export function ReportCharts({ results: { series, distributions } }: { results: Charted }): ReactNode {
  const charts = useMemo(() => chartsOf({ series }), [series]);
  const spreads = useMemo(() => spreadsOf({ distributions }), [distributions]);
  return <Both charts={charts} spreads={spreads} />;
}

/** The same of two runs over each other. */
export function OverlaidCharts({ left, right }: { left: Charted; right: Charted }): ReactNode {
  const charts = useMemo(() => chartsOfBoth(left, right), [left, right]);
  const spreads = useMemo(() => spreadsOfBoth(left, right), [left, right]);
  return <Both charts={charts} spreads={spreads} />;
}

function Both({ charts, spreads }: { charts: PeriodChart[]; spreads: Spread[] }): ReactNode {
  return (
    <>
      {charts.length > 0 && (
        <section aria-labelledby="by-period">
          <div className="panel-head">
            <h2 id="by-period">By period</h2>
            {charts.some(hasIntervals) && <span className="muted">tinted: 95 % confidence interval</span>}
          </div>
          <PeriodCharts charts={charts} />
        </section>
      )}
      {spreads.length > 0 && (
        <section aria-labelledby="spreads">
          <Spreads spreads={spreads} heading={<h2 id="spreads">Distributions</h2>} />
        </section>
      )}
    </>
  );
}
