/** A chart: uPlot in the page's colours, over simulated time or over a measured duration. */
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { readColors, type Colors } from '../flow/theme';
import { axis, duration, durationTick } from '../format/number';
import { tickLabel, TIME_STEPS, timeTicks } from '../format/time';
import type { Unit } from '../world/documents';

export interface Line {
  name: string;
  /** Index into the page's series of colours. */
  color: number;
  /** Steps rather than slopes: what holds until it changes, or for a whole period. */
  isStepped?: boolean;
  /** The room under it is tinted. */
  isFilled?: boolean;
  /** What lies beneath shows through where both are equal. */
  isDashed?: boolean;
}

export interface PlotOptions {
  lines: Line[];
  /** What values are measured in: how they read, and what lies between marks. */
  unit: Unit;
  /** What lies across: simulated time unless it is durations. */
  across?: 'time' | 'durations';
  /** Whole numbers only. */
  isWhole?: boolean;
  /** Each value has two places, where it begins to hold and where it ends; what is not known leaves a gap. */
  isPaired?: boolean;
  /** Two more columns stand after each line's own: the lower and the upper end of a band around it. */
  hasBands?: boolean;
  /** Called with the index under the pointer, `null` when it has left. */
  pointed?: (index: number | null) => void;
}

const HEIGHT = 132;

export function createPlot(parent: HTMLElement, options: PlotOptions): uPlot {
  const columns = options.lines.length * (options.hasBands ? 3 : 1);
  const empty = Array.from({ length: columns + 1 }, () => []) as unknown as uPlot.AlignedData;
  return new uPlot(describe(options, readColors(), parent.clientWidth), empty, parent);
}

/** How a value of a unit reads on an axis and in a legend. */
export function formatOf(unit: Unit): (value: number) => string {
  switch (unit) {
    case 'seconds':
      return (value) => (value === 0 ? '0' : duration(value));
    case 'share':
      return (value) => `${Number((value * 100).toPrecision(3))} %`;
    default:
      return axis;
  }
}

function stepOf(splits: number[]): number {
  return (splits[1] ?? 1) - (splits[0] ?? 0);
}

/** Steps of an axis of whole numbers. */
const WHOLE_STEPS = [1, 2, 5].flatMap((step) => [0, 1, 2, 3, 4, 5, 6, 7].map((power) => step * 10 ** power)).sort((left, right) => left - right);

/** A colour with so much of it to be seen. */
function tinted(color: string, share: number): string {
  return color.replace(/^rgb\((.*)\)$/, `rgba($1, ${share})`);
}

function describe(options: PlotOptions, colors: Colors, width: number): uPlot.Options {
  const { lines, unit, across, isWhole, isPaired, hasBands, pointed } = options;
  const font = '11px system-ui, sans-serif';
  const steps = unit === 'seconds' ? [...TIME_STEPS] : isWhole ? WHOLE_STEPS : null;
  const format = formatOf(unit);
  const isStepped = isPaired || lines.every((line) => line.isStepped);
  return {
    width: Math.max(120, width),
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false }, dataIdx: (self, _, index, value) => pointedAt(self, index, value, isStepped) },
    scales: { x: { time: false }, y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high ?? 0) > 0 ? (high ?? 1) * 1.06 : 1] } },
    axes: [
      {
        stroke: colors.muted,
        font,
        size: 24,
        grid: { show: false },
        ticks: { stroke: colors.line, size: 4, width: 1 },
        splits: (self, _, low, high) => timeTicks(low, high, Math.max(2, Math.floor(self.width / 80))),
        values: (_, splits) => splits.map((at) => (across === 'durations' ? durationTick(at, stepOf(splits)) : tickLabel(at, stepOf(splits)))),
      },
      {
        stroke: colors.muted,
        font,
        size: 50,
        gap: 4,
        grid: { stroke: colors.grid, width: 1 },
        ticks: { show: false },
        values: (_, splits) => splits.map((at) => (unit === 'seconds' ? durationTick(at, stepOf(splits)) : format(at))),
        space: 28,
        ...(steps ? { incrs: steps } : {}),
      },
    ],
    series: [{}, ...lines.flatMap((line) => seriesOf(line, colors, hasBands ?? false).map((series) => ({ ...series, spanGaps: !isPaired })))],
    bands: hasBands ? lines.map(({ color }, index) => ({ series: [index * 3 + 3, index * 3 + 2], fill: tinted(colorOf(color, colors), 0.18) })) : [],
    hooks: { setCursor: pointed ? [(self) => pointed(self.cursor.idx == null ? null : pointedAt(self, self.cursor.idx, self.posToVal(self.cursor.left ?? 0, 'x'), isStepped))] : [] },
  };
}

/** Which of the data the pointer means: the nearest, but of steps the one that it is on. */
function pointedAt(plot: uPlot, nearest: number, value: number, isStepped: boolean): number {
  if (!isStepped) return nearest;
  const [places] = plot.data;
  let index = nearest;
  while (index > 0 && (places[index] ?? 0) > value) index -= 1;
  while (index + 1 < places.length && (places[index + 1] ?? Infinity) <= value) index += 1;
  return index;
}

function colorOf(color: number, colors: Colors): string {
  return colors.series[color % colors.series.length] ?? colors.accent;
}

function seriesOf({ name, color, isStepped, isFilled, isDashed }: Line, colors: Colors, hasBands: boolean): uPlot.Series[] {
  const stepped = isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
  const shape = { points: { show: false }, ...(stepped ? { paths: stepped } : {}) };
  const stroke = colorOf(color, colors);
  const line: uPlot.Series = {
    ...shape,
    label: name,
    stroke,
    width: 1.5,
    ...(isDashed || color >= 4 ? { dash: [5, 4] } : {}),
    ...(isFilled ? { fill: tinted(stroke, 0.16) } : {}),
  };
  const end: uPlot.Series = { ...shape, stroke: 'transparent', width: 0 };
  return hasBands ? [line, end, end] : [line];
}
