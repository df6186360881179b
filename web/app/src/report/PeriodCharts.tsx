/** Figures by period, with the 95 % confidence interval around each where there are several runs. */
import { useMemo, useState, type ReactNode } from 'react';
import { PlotFigure, type Readings } from '../charts/PlotFigure';
import { formatOf } from '../charts/plot';
import { duration, whole } from '../format/number';
import { clock } from '../format/time';
import { beginnings, columnsOf, hasIntervals, linesOf, periodAt, type PeriodChart } from './periods';

/** So many are shown at once; a button shows the others. */
const SHOWN = 12;

export function PeriodCharts({ charts }: { charts: PeriodChart[] }): ReactNode {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? charts : charts.slice(0, SHOWN);
  return (
    <>
      <div className="chart-grid">
        {shown.map((chart) => (
          <OnePeriodChart key={chart.title} chart={chart} />
        ))}
      </div>
      {shown.length < charts.length && (
        <button type="button" className="more-charts" onClick={() => setWhole(true)}>
          Show {whole(charts.length - shown.length)} more
        </button>
      )}
    </>
  );
}

function OnePeriodChart({ chart }: { chart: PeriodChart }): ReactNode {
  const readings = useMemo(() => readingsOf(chart), [chart]);
  return <PlotFigure title={chart.title} label={inWords(chart)} readings={readings} />;
}

function readingsOf(chart: PeriodChart): Readings {
  const hasBands = hasIntervals(chart);
  const data = columnsOf(chart, hasBands);
  const times = beginnings(chart);
  const format = formatOf(chart.unit);
  return {
    lines: linesOf(chart),
    unit: chart.unit,
    hasBands,
    isPaired: true,
    read: () => ({ data, from: 0, to: times.at(-1) ?? 1 }),
    tell(index) {
      if (index === null) return { moment: '', values: chart.lines.map(() => '') };
      // Each period has two places.
      const from = times[index >> 1] ?? 0;
      const to = times[(index >> 1) + 1] ?? from;
      const values = chart.lines.map(({ series }) => {
        const period = periodAt(series, from);
        const [mean, half] = [series.mean[period] ?? null, series.half_width_95[period] ?? null];
        if (mean === null) return '–';
        return half === null ? format(mean) : `${format(mean)} ± ${format(half)}`;
      });
      return { moment: `${clock(from)} to ${clock(to)}`, values };
    },
  };
}

/** What the chart shows, for who cannot see it. */
function inWords(chart: PeriodChart): string {
  const format = formatOf(chart.unit);
  const each = chart.lines.map(({ name, series }) => {
    const known = series.mean.filter((value) => value !== null);
    return `${name} from ${format(Math.min(...known))} to ${format(Math.max(...known))}`;
  });
  const length = chart.lines[0]?.series.period_seconds ?? 0;
  return `${chart.title} by periods of ${duration(length)}: ${each.join(', ')}`;
}
