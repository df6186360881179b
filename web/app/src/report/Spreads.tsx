/** How durations are distributed: bars or the cumulative share, and the quantiles in numbers. */
import { useMemo, useState, type ReactNode } from 'react';
import type uPlot from 'uplot';
import { PlotFigure, type Readings } from '../charts/PlotFigure';
import { formatOf } from '../charts/plot';
import { duration, figure, whole } from '../format/number';
import type { Distribution } from '../world/documents';
import { bars, cumulative, edges, endOf, quantile, shareOfZero, type Spread } from './spread';

type Shape = 'bars' | 'cumulative';

export function Spreads({ spreads, heading }: { spreads: Spread[]; heading: ReactNode }): ReactNode {
  const [shape, setShape] = useState<Shape>('bars');
  return (
    <>
      <div className="panel-head">
        {heading}
        <div className="segments" role="group" aria-label="Shape of the distributions">
          <button type="button" aria-pressed={shape === 'bars'} onClick={() => setShape('bars')}>
            Histogram
          </button>
          <button type="button" aria-pressed={shape === 'cumulative'} onClick={() => setShape('cumulative')}>
            Cumulative
          </button>
        </div>
      </div>
      <div className="chart-grid">
        {spreads.map((spread) => (
          <OneSpread key={spread.name} spread={spread} shape={shape} />
        ))}
      </div>
    </>
  );
}

const WORDS: Record<string, string> = { wait: 'Wait', sojourn: 'Time in all' };

/** `agents.wait` in words. */
export function titleOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const [what, where] = [name.slice(dot + 1), name.slice(0, Math.max(dot, 0))];
  const words = WORDS[what] ?? what.replaceAll('_', ' ');
  return where === '' || where === 'system' ? words : `${words}, ${where}`;
}

function OneSpread({ spread, shape }: { spread: Spread; shape: Shape }): ReactNode {
  const readings = useMemo(() => (shape === 'bars' ? histogram(spread) : shares(spread)), [spread, shape]);
  const title = titleOf(spread.name);
  const label = spread.sides.map(({ name, distribution }) => `${name === '' ? '' : `${name}: `}${inWords(distribution)}`).join('; ');
  return <PlotFigure title={title} label={`Distribution of ${title}. ${label}`} readings={readings} note={<Quantiles spread={spread} />} />;
}

const TOLD = [0.5, 0.9, 0.95, 0.99] as const;

function inWords(distribution: Distribution): string {
  const values = TOLD.map((share) => `${share * 100} % up to ${told(quantile(distribution, share))}`);
  return `${whole(distribution.count)} observed, ${values.join(', ')}`;
}

function told(value: number | null): string {
  return value === null ? '–' : duration(value);
}

const percent = formatOf('share');

function histogram(spread: Spread): Readings {
  const end = endOf(spread);
  const places = edges(end);
  const columns = spread.sides.map(({ distribution }) => bars(distribution, end));
  // The last edge has no bar of its own: it ends the one before.
  const data = [places, ...columns.map((shares) => [...shares, shares.at(-1) ?? 0])] as unknown as uPlot.AlignedData;
  return {
    lines: spread.sides.map(({ name, color }) => ({ name, color, isStepped: true, isFilled: true })),
    unit: 'share',
    across: 'durations',
    read: () => ({ data, from: 0, to: end }),
    tell(index) {
      if (index === null) return { moment: '', values: columns.map(() => '') };
      const bar = Math.min(index, places.length - 2);
      return { moment: `${duration(places[bar] ?? 0)} to ${duration(places[bar + 1] ?? 0)}`, values: columns.map((shares) => percent(shares[bar] ?? 0)) };
    },
  };
}

function shares(spread: Spread): Readings {
  const end = endOf(spread);
  const places = edges(end);
  const columns = spread.sides.map(({ distribution }) => cumulative(distribution, places));
  const data = [places, ...columns] as unknown as uPlot.AlignedData;
  return {
    lines: spread.sides.map(({ name, color }) => ({ name, color, isDashed: color > 0 })),
    unit: 'share',
    across: 'durations',
    read: () => ({ data, from: 0, to: end }),
    tell(index) {
      if (index === null) return { moment: '', values: columns.map(() => '') };
      return { moment: `up to ${duration(places[index] ?? 0)}`, values: columns.map((shares) => percent(shares[index] ?? 0)) };
    },
  };
}

/** The quantiles in numbers, all in the unit that suits the long ones. */
function Quantiles({ spread }: { spread: Spread }): ReactNode {
  const isPair = spread.sides.length > 1;
  const like = Math.max(...spread.sides.map(({ distribution }) => quantile(distribution, 0.95) ?? 0)) || 1;
  return (
    <table className="quantiles">
      <thead>
        <tr>
          <th scope="col">in {figure(like, 'seconds').symbol}</th>
          <th scope="col">none</th>
          <th scope="col">median</th>
          <th scope="col">90 %</th>
          <th scope="col">95 %</th>
          <th scope="col">99 %</th>
          <th scope="col">most</th>
        </tr>
      </thead>
      <tbody>
        {spread.sides.map(({ name, distribution }) => (
          <tr key={name}>
            <th scope="row">{isPair ? name : <span className="unseen">all</span>}</th>
            <td>{percent(shareOfZero(distribution))}</td>
            {[...TOLD, 1].map((share) => {
              const value = quantile(distribution, share);
              return <td key={share}>{figure(value, 'seconds', like, value).text}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
