import { expect, test } from 'vitest';
import { axis, compact, duration, durationTick, figure, line, metricLine, number, whole } from './number';
import { clock, clockMillis, parseTime, speedName, tickLabel, timeTicks } from './time';

test('numbers are grouped and signed as on the command line', () => {
  expect(number(1_234_567.891, 2)).toBe('1,234,567.89');
  expect(number(-1234, 0)).toBe('−1,234');
  expect(number(-0.001, 2)).toBe('0.00');
  expect(number(NaN, 2)).toBe('–');
  expect(number(-1.234e18, 0)).toBe('−1.23 × 10¹⁸');
  expect(whole(999)).toBe('999');
});

test('a duration takes the unit that suits it', () => {
  const shown = [0, 12e-9, 0.2504, 43.21, 205, 46_800, 1_170_000, NaN].map(duration);
  expect(shown).toEqual(['0 s', '12 ns', '250 ms', '43.2 s', '3.42 min', '13 h', '13.5 d', '–']);
});

test('large numbers in a few characters', () => {
  expect([0, 7, 999.6e3, 35_123_456, 1.5e12].map(compact)).toEqual(['0', '7', '1.00 M', '35.1 M', '1.50 T']);
});

test('marks on an axis are as short as they go', () => {
  expect([0, 0.25, 2.5, 10, 20, 150, 4000, 2500, 60_000, 12_345].map(axis)).toEqual(['0', '0.25', '2.5', '10', '20', '150', '4 k', '2.5 k', '60 k', '12.3 k']);
});

test('figures carry their unit', () => {
  expect(line(figure(0.9249, 'share'))).toBe('92.5 %');
  expect(line(figure(1660, 'per_hour'))).toBe('1,660/h');
  expect(line(figure(12.5, 'money'))).toBe('12.50');
  expect(line(figure(null, 'count'))).toBe('–');
  const metric = { mean: 43.2178, half_width_95: 0.6134, n: 25, min: 40, max: 46, unit: 'seconds' as const };
  expect(metricLine(metric)).toEqual({ text: '43.22', symbol: 's', half: '0.61' });
});

test('simulated time reads like a clock', () => {
  expect(clock(0)).toBe('00:00:00');
  expect(clock(46_799.9)).toBe('12:59:59');
  expect(clock(86_400 * 2 + 25_509)).toBe('day 3 07:05:09');
  expect(clock(5, true)).toBe('day 1 00:00:05');
  expect(clockMillis(59.9996)).toBe('00:01:00.000');
  expect(clockMillis(3.25)).toBe('00:00:03.250');
});

test('times that people type', () => {
  const typed = ['90', '90s', '1h30m', '2d', '07:30', 'day 2 00:00:01', '1.5h', 'soon', ''].map(parseTime);
  expect(typed).toEqual([90, 90, 5400, 172_800, 27_000, 86_401, 5400, null, null]);
});

test('marks on an axis of durations share one unit', () => {
  expect([0, 30, 60, 90].map((at) => durationTick(at, 30))).toEqual(['0', '30 s', '60 s', '90 s']);
  expect([0, 300, 600].map((at) => durationTick(at, 300))).toEqual(['0', '5 min', '10 min']);
  expect([0.5, 1, 1.5].map((at) => durationTick(at, 0.5))).toEqual(['500 ms', '1,000 ms', '1,500 ms']);
  expect([1800, 3600, 5400].map((at) => durationTick(at, 1800))).toEqual(['30 min', '60 min', '90 min']);
});

test('axes of time have round marks', () => {
  expect(timeTicks(0, 46_800, 5)).toEqual([0, 10_800, 21_600, 32_400, 43_200]);
  expect(timeTicks(0, 46_800, 5).map((tick) => tickLabel(tick, 10_800))).toEqual(['0:00', '3:00', '6:00', '9:00', '12:00']);
  expect(timeTicks(0, 3e7, 4).map((tick) => tickLabel(tick, 8_640_000))).toEqual(['0 d', '100 d', '200 d', '300 d']);
  expect(timeTicks(7, 7, 4)).toEqual([7]);
});

test('speeds have names', () => {
  expect([1, 1_000_000, null].map(speedName)).toEqual(['1×', '1,000,000×', 'flat out']);
});
