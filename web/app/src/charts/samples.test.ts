import { expect, test } from 'vitest';
import { Samples } from './samples';

function times(samples: Samples): number[] {
  return [...samples.times.subarray(0, samples.length)];
}

test('samples keep their order and values', () => {
  const samples = new Samples(8, 2);
  samples.push(0, [1, 2]);
  samples.push(10, [3, 4]);
  expect(times(samples)).toEqual([0, 10]);
  expect([...(samples.columns[1]?.subarray(0, 2) ?? [])]).toEqual([2, 4]);
});

test('a full buffer thins out and still spans the whole run', () => {
  const samples = new Samples(16, 1);
  for (let time = 0; time <= 10_000; time++) samples.push(time, [time]);
  expect(samples.length).toBeLessThanOrEqual(16);
  expect(samples.length).toBeGreaterThan(4);
  expect(times(samples)[0]).toBe(0);
  expect(samples.last()).toBe(10_000);
  const gaps = times(samples).slice(1, -1).map((time, index) => time - (times(samples)[index] ?? 0));
  expect(Math.max(...gaps) / Math.min(...gaps)).toBeLessThan(4);
});

test('going back cuts off the future', () => {
  const samples = new Samples(64, 1);
  for (let time = 0; time < 50; time++) samples.push(time, [time]);
  samples.push(20.5, [7]);
  expect(times(samples)).toEqual([...Array(21).keys(), 20.5]);
  expect(samples.cutAfter(-1)).toBe(true);
  expect(samples.length).toBe(0);
});

test('the same instant is told once, with its latest values', () => {
  const samples = new Samples(8, 1);
  expect(samples.push(5, [1])).toBe(true);
  expect(samples.push(5, [2])).toBe(false);
  expect(samples.columns[0]?.[0]).toBe(2);
  expect(samples.length).toBe(1);
});
