/** A chart over simulated time: uPlot in the page's colours. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { tickLabel, TIME_STEPS, timeTicks } from '../format/time';
import { readColors, type Colors } from '../flow/theme';

export interface Line {
  name: string;
  /** Index into the page's series of colours. */
  color: number;
  isDashed?: boolean;
  /** Steps rather than slopes: a count that holds until it changes. */
  isStepped?: boolean;
}

export interface PlotOptions {
  lines: Line[];
  /** How a value reads. */
  format: (value: number) => string;
  /** What lies between marks: whole numbers, durations that people like, or whatever fits. */
  marks?: 'whole' | 'durations';
  /** Called with the index under the pointer, `null` when it has left. */
  pointed?: (index: number | null) => void;
}

const HEIGHT = 132;

export function createPlot(parent: HTMLElement, options: PlotOptions): uPlot {
  const colors = readColors();
  const plot = new uPlot(describe(options, colors, parent.clientWidth), [[], ...options.lines.map(() => [])] as unknown as uPlot.AlignedData, parent);
  return plot;
}

/** Steps of an axis of whole numbers. */
const WHOLE_STEPS = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5, 6, 7].map((power) => step * 10 ** power)).sort((left, right) => left - right);

function describe({ lines, format, marks, pointed }: PlotOptions, colors: Colors, width: number): uPlot.Options {
  const font = '11px system-ui, sans-serif';
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  return {
    width: Math.max(120, width),
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 0) > 0 ? (high ?? 1) * 1.06 : 1] } },
    axes: [
      {
        stroke: colors.muted,
        font,
        size: 24,
        grid: { show: false },
        ticks: { stroke: colors.line, size: 4, width: 1 },
        splits: (self, _, low, high) => timeTicks(low, high, Math.max(2, Math.floor(self.width / 80))),
        values: (_, splits) => splits.map((at) => tickLabel(at, (splits[1] ?? 1) - (splits[0] ?? 0))),
      },
      {
        stroke: colors.muted,
        font,
        size: 46,
        gap: 4,
        grid: { stroke: colors.grid, width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map(format),
        space: 28,
        ...(marks ? { incrs: marks === 'whole' ? WHOLE_STEPS : [...TIME_STEPS] } : {}),
      },
    ],
    series: [
      {},
      ...lines.map(({ name, color, isDashed, isStepped }): uPlot.Series => ({
        label: name,
        stroke: colors.series[color % colors.series.length] ?? colors.accent,
        width: 1.5,
        points: { show: false },
        spanGaps: true,
        ...(isDashed || color >= 4 ? { dash: [5, 4] } : {}),
        ...(isStepped && stepped ? { paths: stepped } : {}),
      })),
    ],
    hooks: { setCursor: pointed ? [(self) => pointed(self.cursor.idx ?? null)] : [] },
  };
}
