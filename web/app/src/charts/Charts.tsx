/** Live charts of a world: who waits, who is served, who comes, how long the wait was. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type uPlot from 'uplot';
import { axis, duration } from '../format/number';
import { clock } from '../format/time';
import type { Live } from '../world/live';
import { texts } from '../world/table';
import { inTurn } from './board';
import { createPlot, type Line } from './plot';
import type { Samples } from './samples';

/** More lines than this are not told apart: the busiest are shown. */
const MOST_LINES = 8;

interface ChartSpec {
  title: string;
  samples: Samples;
  names: string[];
  format: (value: number) => string;
  /** Whole numbers that hold until they change. */
  isStepped: boolean;
  marks?: 'whole' | 'durations';
  color: number;
}

export function Charts({ live }: { live: Live }): ReactNode {
  const specs = useMemo((): ChartSpec[] => {
    const stations = texts(live.frame, 'stations', 'station');
    const sources = texts(live.frame, 'sources', 'source');
    const { waiting, served, arrivals, wait } = live.series;
    const count = axis;
    return [
      { title: 'Waiting', samples: waiting, names: stations, format: count, isStepped: true, marks: 'whole', color: 1 },
      { title: 'In service', samples: served, names: stations, format: count, isStepped: true, marks: 'whole', color: 0 },
      { title: 'Arrivals per hour', samples: arrivals, names: sources, format: count, isStepped: false, color: 0 },
      { title: 'Wait of those who start', samples: wait, names: ['all stations'], format: (value) => (value === 0 ? '0' : duration(value)), isStepped: false, marks: 'durations', color: 1 },
    ];
  }, [live]);
  return (
    <section className="charts" aria-label="Charts">
      {specs.map((spec) => (
        <Chart key={spec.title} spec={spec} version={() => live.version} live={live} />
      ))}
    </section>
  );
}

/** One line keeps the chart's own colour; several have the series' colours in order. */
function linesOf({ names, color, isStepped }: ChartSpec): Line[] {
  return names.slice(0, MOST_LINES).map((name, index) => ({ name, color: names.length === 1 ? color : index, isStepped }));
}

function Chart({ spec, version, live }: { spec: ChartSpec; version: () => number; live: Live }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const legend = useRef<HTMLUListElement>(null);
  const moment = useRef<HTMLSpanElement>(null);
  const lines = useMemo(() => linesOf(spec), [spec]);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const recolor = (): void => setTheme((count) => count + 1);
    addEventListener('themechange', recolor);
    return () => removeEventListener('themechange', recolor);
  }, []);
  useEffect(() => {
    const parent = box.current;
    if (!parent) return undefined;
    let pointed: number | null = null;
    const tell = (): void => {
      const { samples } = spec;
      const index = pointed ?? samples.length - 1;
      legend.current?.querySelectorAll('b').forEach((cell, at) => {
        const value = samples.columns[at]?.[index];
        const shown = value === undefined || Number.isNaN(value) || index < 0 ? '–' : spec.format(value);
        if (cell.textContent !== shown) cell.textContent = shown;
      });
      const time = pointed === null ? '' : clock(samples.times[index] ?? 0);
      if (moment.current && moment.current.textContent !== time) moment.current.textContent = time;
    };
    const plot = createPlot(parent, {
      lines,
      ...(spec.marks ? { marks: spec.marks } : {}),
      format: spec.format,
      pointed: (index) => {
        pointed = index;
        tell();
      },
    });
    const draw = (): void => {
      show(plot, spec.samples, lines.length, live);
      tell();
    };
    const stop = inTurn(draw, version);
    const fit = (): void => plot.setSize({ width: Math.max(120, parent.clientWidth), height: parent.clientHeight > 60 ? parent.clientHeight : plot.height });
    const observer = new ResizeObserver(fit);
    observer.observe(parent);
    return () => {
      observer.disconnect();
      stop();
      plot.destroy();
    };
    // The colours are read when the plot is made: another theme makes it again.
  }, [spec, lines, live, version, theme]);
  return (
    <figure className="chart">
      <figcaption>
        <h2>{spec.title}</h2>
        <span ref={moment} className="moment" />
        <ul ref={legend} className="legend">
          {lines.map(({ name, color }) => (
            <li key={name}>
              <i style={{ '--c': `var(--c${(color % 8) + 1})` } as React.CSSProperties} />
              {lines.length > 1 && <span>{name}</span>}
              <b />
            </li>
          ))}
        </ul>
      </figcaption>
      <div ref={box} className="plot" role="img" aria-label={`${spec.title} over simulated time`} />
    </figure>
  );
}

/** What is not known, as uPlot wants it. */
function withGaps(values: Float64Array): ArrayLike<number | null> {
  return values.some(Number.isNaN) ? Array.from(values, (value) => (Number.isNaN(value) ? null : value)) : values;
}

function show(plot: uPlot, samples: Samples, count: number, live: Live): void {
  const { length } = samples;
  const data = [samples.times.subarray(0, length), ...samples.columns.slice(0, count).map((column) => withGaps(column.subarray(0, length)))];
  plot.batch(() => {
    plot.setData(data as unknown as uPlot.AlignedData, false);
    const low = samples.times[0] ?? 0;
    const high = Math.max(live.frame.now_seconds, low + 1e-9, length > 0 ? (samples.times[length - 1] ?? 0) : 0);
    plot.setScale('x', { min: low, max: high });
  });
}

