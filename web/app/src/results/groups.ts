/** Results as a table for people: grouped by what stands before the last dot of their names, with words for figures. */
import type { Metric, Results } from '../world/documents';

export interface Row {
  key: string;
  group: string;
  /** `wait`, `wait p95`. */
  name: string;
  metric: Metric;
}

const WORDS: Record<string, string> = {
  wait: 'wait, mean',
  sojourn: 'time in all, mean',
  queue_length: 'waiting, mean',
  queue_length_max: 'waiting, most',
  service_level: 'service level',
  abandoned: 'gave up',
  blocked: 'turned away',
  present: 'present, mean',
  in_service: 'in service, mean',
};

function words(name: string): string {
  const [, what, percent] = /^(wait|sojourn)_p(\d+)$/.exec(name) ?? [];
  if (what) return `${what === 'wait' ? 'wait' : 'time in all'}, ${percent === '50' ? 'median' : `${percent}th percentile`}`;
  return WORDS[name] ?? name.replaceAll('_', ' ');
}

/** The figures in the world's order, those of one thing together. */
export function rowsOf(results: Results): Row[] {
  const rows = Object.entries(results.metrics).map(([key, metric]): Row => {
    const dot = key.lastIndexOf('.');
    return { key, group: dot < 0 ? '' : key.slice(0, dot), name: words(key.slice(dot + 1)), metric };
  });
  const order = [...new Set(rows.map(({ group }) => group))];
  return rows.sort((left, right) => order.indexOf(left.group) - order.indexOf(right.group));
}

/** Rows by group. */
export function grouped(rows: Row[]): [group: string, rows: Row[]][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups];
}
