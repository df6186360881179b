import { expect, test } from 'vitest';
import { together } from './curves';

test('two curves are told at all times of either, each holding its value', () => {
  const left = { times: [0, 10, 20], values: [0, 5, 1] };
  const right = { times: [0, 15], values: [2, 3] };
  expect(together(left, right)).toEqual([
    [0, 10, 15, 20],
    [0, 5, 5, 1],
    [2, 2, 3, null],
  ]);
});
