import { expect, test } from 'vitest';
import type { Series } from '../world/documents';
import { beginnings, chartsOf, chartsOfBoth, columnsOf, hasIntervals, periodAt } from './periods';

function series(chart: string, name: string, mean: (number | null)[], half: (number | null)[] = mean.map(() => null), period = 3600): Series {
  return { chart, name, unit: 'count', period_seconds: period, mean, half_width_95: half };
}

test('figures of one chart are drawn together, and those that were never observed not at all', () => {
  const charts = chartsOf({ series: [series('Wait', 'desk', [1, 2]), series('Queue length', 'desk', [0, 3]), series('Wait', 'till', [4, null]), series('Wait', 'shut', [null, null])] });
  expect(charts.map(({ title, lines }) => [title, lines.map(({ name, color }) => `${name} ${color}`)])).toEqual([
    ['Wait', ['desk 0', 'till 1']],
    ['Queue length', ['desk 0']],
  ]);
});

test('two runs are laid over each other where both have the figure', () => {
  const left = { series: [series('Wait', 'desk', [1]), series('Cases present', 'system', [1]), series('Wait', 'till', [1])] };
  const right = { series: [series('Cases present', 'system', [2]), series('Wait', 'desk', [null])] };
  expect(chartsOfBoth(left, right).map(({ title }) => title)).toEqual(['Wait, desk', 'Cases present']);
});

test('a period holds from its beginning to its end', () => {
  const [chart] = chartsOf({ series: [series('Wait', 'desk', [5, null, 7])] });
  expect(chart && columnsOf(chart, false)).toEqual([
    [0, 3600, 3600, 7200, 7200, 10_800],
    [5, 5, null, null, 7, 7],
  ]);
});

test('runs of other periods share an axis', () => {
  const [chart] = chartsOfBoth({ series: [series('Wait', 'desk', [1, 2], [null, null], 7200)] }, { series: [series('Wait', 'desk', [3, 4, 5])] });
  if (!chart) throw new Error('both have it');
  expect(beginnings(chart)).toEqual([0, 3600, 7200, 10_800, 14_400]);
  expect(columnsOf(chart, false).slice(1)).toEqual([
    [1, 1, 1, 1, 2, 2, 2, 2],
    [3, 3, 4, 4, 5, 5, null, null],
  ]);
});

test('an interval lies around the mean and ends where values do', () => {
  const one = { ...series('Service level', 'desk', [0.9, 0.1, 0.5], [0.2, 0.2, null]), unit: 'share' as const };
  const [chart] = chartsOf({ series: [one] });
  if (!chart) throw new Error('it was observed');
  expect(hasIntervals(chart)).toBe(true);
  const [, mean, low, high] = columnsOf(chart, true);
  expect(mean).toEqual([0.9, 0.9, 0.1, 0.1, 0.5, 0.5]);
  expect(low?.[0]).toBeCloseTo(0.7);
  expect([low?.[2], low?.[4], high?.[0], high?.[4]]).toEqual([0, 0.5, 1, 0.5]);
});

test('a beginning that floats have moved is in its own period', () => {
  const tenth = series('Wait', 'desk', new Array<number>(40).fill(1), undefined, 0.1);
  const numbers = Array.from({ length: 40 }, (_, index) => periodAt(tenth, index * 0.1));
  expect(numbers).toEqual([...Array(40).keys()]);
});
