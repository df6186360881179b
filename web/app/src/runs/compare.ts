/** Two runs side by side: which figures differ, and which lines of their scenarios. */
import { figure, interval, line, metricLine, DASH } from '../format/number';
import { rowsOf, type Row } from '../results/groups';
import type { Metric, Results, ScenarioText } from '../world/documents';

/** The scenario that a run was made of: its text, and the values that were set over that. */
export function scenarioOf({ scenario, overrides = {} }: { scenario: ScenarioText; overrides?: Record<string, string> }): string {
  const set = Object.entries(overrides).map(([key, value]) => `# ${key} = ${value}`);
  return set.length === 0 ? scenario.text : [scenario.text.trimEnd(), '', '# Set over this text:', ...set].join('\n');
}

export interface Pair {
  key: string;
  group: string;
  name: string;
  left: string;
  right: string;
  /** Right minus left, in the unit of both; `–` where one is missing. */
  difference: string;
  /** The difference as a share of the left. */
  change: string;
  isEqual: boolean;
}

/** All figures that either has, those of the left first. */
export function pairsOf(left: Results, right: Results): Pair[] {
  const rows = new Map<string, Row>();
  for (const row of [...rowsOf(left), ...rowsOf(right)]) if (!rows.has(row.key)) rows.set(row.key, row);
  const order = [...new Set([...rows.values()].map(({ group }) => group))];
  const sorted = [...rows.values()].sort((one, other) => order.indexOf(one.group) - order.indexOf(other.group));
  return sorted.map((row) => pair(row, left.metrics[row.key], right.metrics[row.key]));
}

function pair({ key, group, name }: Row, left: Metric | undefined, right: Metric | undefined): Pair {
  const [a, b] = [left?.mean ?? null, right?.mean ?? null];
  const unit = (left ?? right)?.unit ?? 'number';
  const like = Math.max(Math.abs(a ?? 0), Math.abs(b ?? 0));
  const show = (metric: Metric | undefined): string => {
    if (metric && metric.half_width_95 !== null) return interval(metricLine(metric));
    return line(figure(metric?.mean ?? null, unit, like));
  };
  const known = a !== null && b !== null;
  const apart = (value: number): string => {
    const shown = figure(value, unit, like, value);
    // Percent of what would be a riddle: shares differ by points.
    return unit === 'share' ? `${shown.text} points` : line(shown);
  };
  const difference = known ? b - a : null;
  const sign = difference !== null && difference > 0 ? '+' : '';
  const share = known && a !== 0 ? (b - a) / Math.abs(a) : null;
  return {
    key,
    group,
    name,
    left: show(left),
    right: show(right),
    difference: difference === null ? DASH : difference === 0 ? '0' : sign + apart(difference),
    change: share === null || share === 0 ? '' : `${share > 0 ? '+' : '−'}${percent(Math.abs(share))}`,
    isEqual: a === b,
  };
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(value < 10 ? 1 : 0)} %`;
}

/** A line that only one text has. */
export interface Change {
  side: 'left' | 'right';
  /** From 1, in its own text. */
  number: number;
  text: string;
}

/** Lines that differ, by the longest common sequence of lines. */
export function changedLines(left: string, right: string): Change[] {
  const [a, b] = [left.split('\n'), right.split('\n')];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row) row[j] = a[i] === b[j] ? (common[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(common[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  const changes: Change[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    if (i < a.length && j < b.length && a[i] === b[j]) [i, j] = [i + 1, j + 1];
    else if (i < a.length && (j === b.length || (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      changes.push({ side: 'left', number: i + 1, text: a[i] ?? '' });
      i += 1;
    } else {
      changes.push({ side: 'right', number: j + 1, text: b[j] ?? '' });
      j += 1;
    }
  }
  return changes;
}
