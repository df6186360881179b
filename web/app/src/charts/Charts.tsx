/** Charts of a world: as it ran past (who waits, who is served, who comes, how long the wait was), or by period. */
import { useMemo, useState, type ReactNode } from 'react';
import type uPlot from 'uplot';
import { clock } from '../format/time';
import { PeriodCharts } from '../report/PeriodCharts';
import { chartsOf } from '../report/periods';
import { useLive } from '../shell/hooks';
import type { Unit } from '../world/documents';
import type { Live } from '../world/live';
import { texts } from '../world/table';
import { inTurn } from './board';
import { formatOf, type Line } from './plot';
import { PlotFigure, type Readings } from './PlotFigure';
import type { Samples } from './samples';

/** More lines than this are not told apart: the first are shown. */
const MOST_LINES = 8;
/** Fewer samples than this are no curve of a whole run: it went by too fast to be seen. */
const LEAST_SAMPLES = 24;

interface Seen {
  title: string;
  samples: Samples;
  names: string[];
  unit: Unit;
  /** Whole numbers that hold until they change. */
  isStepped: boolean;
  color: number;
}

type View = 'seen' | 'periods';

export function Charts({ live }: { live: Live }): ReactNode {
  useLive(live);
  const [chosen, setChosen] = useState<View | null>(null);
  const series = live.results?.series;
  const periods = useMemo(() => chartsOf({ series: series ?? [] }), [series]);
  const isUnseen = live.isFinished && live.series.waiting.length < LEAST_SAMPLES;
  const view = periods.length === 0 ? 'seen' : (chosen ?? (isUnseen ? 'periods' : 'seen'));
  return (
    <section className="chart-board" aria-label="Charts">
      <div className="panel-head">
        <h2>Charts</h2>
        <div className="segments" role="group" aria-label="What the charts show">
          <button type="button" aria-pressed={view === 'seen'} onClick={() => setChosen('seen')}>
            As it runs
          </button>
          <button type="button" aria-pressed={view === 'periods'} disabled={periods.length === 0} onClick={() => setChosen('periods')}>
            By period
          </button>
        </div>
      </div>
      {view === 'periods' ? <PeriodCharts charts={periods} /> : <SeenCharts live={live} />}
    </section>
  );
}

function SeenCharts({ live }: { live: Live }): ReactNode {
  const all = useMemo((): Seen[] => {
    const stations = texts(live.frame, 'stations', 'station');
    const sources = texts(live.frame, 'sources', 'source');
    const { waiting, served, arrivals, wait } = live.series;
    return [
      { title: 'Waiting', samples: waiting, names: stations, unit: 'count', isStepped: true, color: 1 },
      { title: 'In service', samples: served, names: stations, unit: 'count', isStepped: true, color: 0 },
      { title: 'Arrivals per hour', samples: arrivals, names: sources, unit: 'per_hour', isStepped: false, color: 0 },
      { title: 'Wait of those who start', samples: wait, names: ['all stations'], unit: 'seconds', isStepped: false, color: 1 },
    ];
  }, [live]);
  return (
    <div className="chart-grid">
      {all.map((seen) => (
        <SeenChart key={seen.title} seen={seen} live={live} />
      ))}
    </div>
  );
}

function SeenChart({ seen, live }: { seen: Seen; live: Live }): ReactNode {
  const readings = useMemo(() => readingsOf(seen, live), [seen, live]);
  return <PlotFigure title={seen.title} label={`${seen.title} over simulated time`} readings={readings} />;
}

/** One line keeps the chart's own colour; several have the series' colours in order. */
function linesOf({ names, color, isStepped }: Seen): Line[] {
  return names.slice(0, MOST_LINES).map((name, index) => ({ name, color: names.length === 1 ? color : index, isStepped }));
}

function readingsOf(seen: Seen, live: Live): Readings {
  const { samples, unit } = seen;
  const lines = linesOf(seen);
  const format = formatOf(unit);
  return {
    lines,
    unit,
    isWhole: unit === 'count',
    read() {
      const { length } = samples;
      const columns = samples.columns.slice(0, lines.length).map((column) => withGaps(column.subarray(0, length)));
      const from = samples.times[0] ?? 0;
      const to = Math.max(live.frame.now_seconds, from + 1e-9, length > 0 ? (samples.times[length - 1] ?? 0) : 0);
      return { data: [samples.times.subarray(0, length), ...columns] as unknown as uPlot.AlignedData, from, to };
    },
    tell(pointed) {
      const index = pointed ?? samples.length - 1;
      const values = lines.map((_, at) => {
        const value = samples.columns[at]?.[index];
        return value === undefined || Number.isNaN(value) || index < 0 ? '–' : format(value);
      });
      return { moment: pointed === null ? '' : clock(samples.times[index] ?? 0), values };
    },
    follow: (draw) => inTurn(draw, () => live.version),
  };
}

/** What is not known, as uPlot wants it. */
function withGaps(values: Float64Array): ArrayLike<number | null> {
  return values.some(Number.isNaN) ? Array.from(values, (value) => (Number.isNaN(value) ? null : value)) : values;
}
