/**
 * Figures as people read them, in the words of the command line's table: a unit that suits the size, and no more
 * digits than the figure is worth. What is not finite shows as a dash.
 */
import type { Metric, Unit } from '../world/documents';

export const DASH = '–';

const TIME_UNITS: [from: number, symbol: string, size: number][] = [
  [172_800, 'd', 86_400],
  [3_600, 'h', 3_600],
  [90, 'min', 60],
  [1, 's', 1],
  [1e-3, 'ms', 1e-3],
  [1e-6, 'µs', 1e-6],
];

interface ShownUnit {
  symbol: string;
  size: number;
}

function unitOf(unit: Unit, magnitude: number): ShownUnit {
  switch (unit) {
    case 'seconds': {
      const size = Math.abs(magnitude);
      if (size === 0 || !Number.isFinite(size)) return { symbol: 's', size: 1 };
      const found = TIME_UNITS.find(([from]) => size >= from);
      return found ? { symbol: found[1], size: found[2] } : { symbol: 'ns', size: 1e-9 };
    }
    case 'share':
      return { symbol: '%', size: 0.01 };
    case 'per_hour':
      return { symbol: '/h', size: 1 };
    default:
      return { symbol: '', size: 1 };
  }
}

/** How many decimals show this many significant digits of `value`. */
export function decimalsFor(value: number, digits: number): number {
  if (value === 0 || !Number.isFinite(value)) return 0;
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  return Math.min(9, Math.max(0, digits - 1 - exponent));
}

/** A number with thousands set apart; very large ones as a power of ten. */
export function number(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return DASH;
  if (Math.abs(value) >= 1e15) {
    const [mantissa = '', exponent = ''] = value.toExponential(2).split('e');
    const raised = [...exponent].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('');
    return `${mantissa.replace('-', '−')} × 10${raised}`;
  }
  const digits = Math.abs(value).toFixed(decimals);
  const [integer = '', fraction] = digits.split('.');
  const isZero = /^[0.]*$/.test(digits);
  const sign = value < 0 && !isZero ? '−' : '';
  return sign + grouped(integer) + (fraction === undefined ? '' : `.${fraction}`);
}

/** A whole number with its thousands apart: `12,345,678`. */
export function whole(value: number): string {
  return number(value, 0);
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A large number in a few characters: `35.1 M`. */
export function compact(value: number): string {
  if (!Number.isFinite(value)) return DASH;
  const rounded = Number(value.toPrecision(3));
  const steps: [string, number][] = [[' T', 1e12], [' G', 1e9], [' M', 1e6], [' k', 1e3]];
  const [symbol, size] = steps.find(([, size]) => Math.abs(rounded) >= size) ?? ['', 1];
  const scaled = rounded / size;
  const decimals = Number.isInteger(scaled) && symbol === '' ? 0 : decimalsFor(scaled, 3);
  return scaled.toFixed(decimals) + symbol;
}

/** A number on an axis: as short as it goes. */
export function axis(value: number): string {
  const [digits = '', unit] = compact(value).split(' ');
  return unit === undefined ? String(Number(digits)) : `${Number(digits)} ${unit}`;
}

/** A figure with its unit apart. */
export interface Shown {
  text: string;
  symbol: string;
}

/**
 * A value of a unit, to three digits (whole numbers and money as they are).
 *
 * The unit suits `like`, the decimals suit `exact`; both are the value itself unless said otherwise.
 */
export function figure(value: number | null, unit: Unit, like = value, exact = like): Shown {
  if (value === null || !Number.isFinite(value)) return { text: DASH, symbol: '' };
  const shown = unitOf(unit, like ?? value);
  const scaled = value / shown.size;
  const reference = (exact ?? value) / shown.size;
  let decimals = decimalsFor(reference, 3);
  if (unit === 'money') decimals = 2;
  else if (Number.isInteger(scaled) && Number.isInteger(reference)) decimals = 0;
  return { text: number(scaled, decimals), symbol: shown.symbol };
}

/** Number and unit in one line. */
export function line({ text, symbol }: Shown): string {
  if (symbol === '' || text === DASH) return text;
  return symbol === '/h' ? `${text}/h` : `${text} ${symbol}`;
}

/** A span of time to three digits. */
export function duration(seconds: number): string {
  return line(figure(seconds, 'seconds'));
}

/** A mark on an axis of durations: all have the unit that suits the step between them. */
export function durationTick(seconds: number, step: number): string {
  if (seconds === 0) return '0';
  const { text, symbol } = figure(seconds, 'seconds', step, seconds);
  return line({ text: text.includes('.') ? text.replace(/\.?0+$/, '') : text, symbol });
}

/** Number, interval and unit in one line. */
export function interval({ text, half, symbol }: Shown & { half: string | null }): string {
  return half === null ? line({ text, symbol }) : line({ text: `${text} ± ${half}`, symbol });
}

/** A metric's mean and interval. */
export function metricLine(metric: Metric): Shown & { half: string | null } {
  const shown = figure(metric.mean, metric.unit);
  if (metric.half_width_95 === null || metric.mean === null) return { ...shown, half: null };
  const unit = unitOf(metric.unit, metric.mean);
  const half = metric.half_width_95 / unit.size;
  const decimals = half === 0 ? 2 : Math.min(decimalsFor(half, 2), decimalsFor(metric.mean / unit.size, 7));
  return { text: number(metric.mean / unit.size, decimals), symbol: unit.symbol, half: number(half, decimals) };
}
