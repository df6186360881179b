import { expect, test } from 'vitest';
import type { Distribution } from '../world/documents';
import { bars, cumulative, edges, endOf, shareOfZero, spreadsOfBoth } from './spread';

const WAITS: Distribution = {
  name: 'desk.wait',
  unit: 'seconds',
  count: 100,
  quantiles: [{ share: 0.5, value: 0 }, { share: 0.99, value: 48 }, { share: 1, value: 90 }],
  bins: [{ from: 0, to: 0, count: 60 }, { from: 1, to: 3, count: 20 }, { from: 10, to: 10, count: 10 }, { from: 40, to: 44, count: 9 }, { from: 88, to: 90, count: 1 }],
};

test('bars hold everything that lies before the end but those who did not wait', () => {
  const end = endOf({ name: '', sides: [{ name: '', color: 0, distribution: WAITS }] });
  expect(end).toBe(48);
  expect(edges(end)[1]).toBe(1);
  const shares = bars(WAITS, end);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(0.39);
  expect([shares[0], shares[1], shares[2], shares[10], shares[40]].map((share) => Number(share?.toFixed(4)))).toEqual([0, 0.1, 0.1, 0.1, 0.0225]);
  expect(shareOfZero(WAITS)).toBe(0.6);
});

test('the cumulative share grows from those who did not wait to all', () => {
  expect(cumulative(WAITS, [0, 1, 2, 3, 10, 44, 90])).toEqual([0.6, 0.6, 0.7, 0.8, 0.9, 0.99, 1]);
});

test('where nobody waited the axis still has a length', () => {
  const none = { ...WAITS, quantiles: [{ share: 0.99, value: 0 }], bins: [{ from: 0, to: 0, count: 100 }] };
  expect(endOf({ name: '', sides: [{ name: '', color: 0, distribution: none }] })).toBe(1);
  expect(bars(none, 1).every((share) => share === 0)).toBe(true);
});

test('two runs are laid over each other where both observed it', () => {
  const left = { distributions: [WAITS, { ...WAITS, name: 'system.sojourn' }] };
  const right = { distributions: [{ ...WAITS, count: 0, bins: [] }, { ...WAITS, name: 'system.sojourn' }] };
  expect(spreadsOfBoth(left, right).map(({ name }) => name)).toEqual(['system.sojourn']);
});
