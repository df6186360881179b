/** Figures by period as charts: those of one chart together, or the same figure of two runs over each other. */
import type uPlot from 'uplot';
import type { Line } from '../charts/plot';
import type { Results, Series, Unit } from '../world/documents';

/** More lines than this are not told apart. */
const MOST_LINES = 8;

/** A chart of figures by period. */
export interface PeriodChart {
  title: string;
  unit: Unit;
  lines: PeriodLine[];
}

export interface PeriodLine {
  name: string;
  color: number;
  isDashed?: boolean;
  series: Series;
}

/** The charts of one run: each figure with all things that have it. */
export function chartsOf({ series }: Pick<Results, 'series'>): PeriodChart[] {
  const charts = new Map<string, PeriodChart>();
  for (const one of series) {
    if (!one.mean.some((value) => value !== null)) continue;
    const chart = charts.get(one.chart) ?? { title: one.chart, unit: one.unit, lines: [] };
    charts.set(one.chart, chart);
    if (chart.lines.length < MOST_LINES) chart.lines.push({ name: one.name, color: chart.lines.length, series: one });
  }
  return [...charts.values()];
}

/** The charts of two runs: each figure of each thing that both have, A and B. */
export function chartsOfBoth(left: Pick<Results, 'series'>, right: Pick<Results, 'series'>): PeriodChart[] {
  return left.series.flatMap((a) => {
    const b = right.series.find(({ chart, name }) => chart === a.chart && name === a.name);
    if (!b || ![...a.mean, ...b.mean].some((value) => value !== null)) return [];
    const title = a.name === 'system' ? a.chart : `${a.chart}, ${a.name}`;
    return [{ title, unit: a.unit, lines: [{ name: 'A', color: 0, series: a }, { name: 'B', color: 1, isDashed: true, series: b }] }];
  });
}

/** Whether any line has an interval around it. */
export function hasIntervals({ lines }: PeriodChart): boolean {
  return lines.some(({ series }) => series.half_width_95.some((half) => half !== null));
}

export function linesOf({ lines }: PeriodChart): Line[] {
  return lines.map(({ name, color, isDashed = false }) => ({ name, color, isDashed }));
}

/** Where the periods begin, and once more where the last one ends; all that any of the lines has. */
export function beginnings({ lines }: PeriodChart): number[] {
  const all = new Set<number>();
  for (const { series } of lines) for (let index = 0; index <= series.mean.length; index++) all.add(index * series.period_seconds);
  return [...all].sort((one, other) => one - other);
}

/** The number of the period that begins before or at `time`. */
export function periodAt({ period_seconds: length }: Series, time: number): number {
  // A beginning that is a product of floats may lie a hair before itself.
  return Math.floor(time / length + 1e-9);
}

/**
 * Places and columns as a plot takes them: means, and with `hasBands` both ends of each interval.
 *
 * Each period has two places, where it begins and where it ends, so that one before a gap is drawn to its end.
 */
export function columnsOf(chart: PeriodChart, hasBands: boolean): uPlot.AlignedData {
  const times = beginnings(chart);
  const begins = times.slice(0, -1);
  const places = begins.flatMap((begin, index) => [begin, times[index + 1] ?? begin]);
  const columns = chart.lines.flatMap(({ series }) => {
    const each = (value: (mean: number, half: number) => number): (number | null)[] =>
      begins.flatMap((time) => {
        const index = periodAt(series, time);
        const mean = series.mean[index] ?? null;
        const shown = mean === null ? null : value(mean, series.half_width_95[index] ?? 0);
        return [shown, shown];
      });
    const means = each((mean) => mean);
    if (!hasBands) return [means];
    const limit = chart.unit === 'share' ? 1 : Infinity;
    return [means, each((mean, half) => Math.max(0, mean - half)), each((mean, half) => Math.min(limit, mean + half))];
  });
  return [places, ...columns] as unknown as uPlot.AlignedData;
}
