/** Simulated time as people read it. */

const DAY = 86_400;

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
}

/** `day 3 07:05:09`; the first day's number is left out unless asked for. */
export function clock(seconds: number, withDay = false): string {
  if (!Number.isFinite(seconds)) return '–';
  const sign = seconds < 0 ? '−' : '';
  const total = Math.floor(Math.abs(seconds));
  const day = Math.floor(total / DAY);
  const rest = total - day * DAY;
  const time = `${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`;
  return day > 0 || withDay ? `${sign}day ${day + 1} ${time}` : sign + time;
}

/** `07:05:09.123`: with milliseconds, for single events. */
export function clockMillis(seconds: number): string {
  const millis = Math.round((seconds - Math.floor(seconds)) * 1000);
  if (millis === 1000) return `${clock(Math.floor(seconds) + 1)}.000`;
  return `${clock(seconds)}.${String(millis).padStart(3, '0')}`;
}

/** Steps that people like on an axis of time, in seconds. */
export const TIME_STEPS: readonly number[] = [
  1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
  10_800, 21_600, 43_200, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 20 * DAY, 50 * DAY, 100 * DAY,
];

/** Places of at most `count` marks between two times. */
export function timeTicks(from: number, to: number, count: number): number[] {
  const span = to - from;
  if (!(span > 0) || count < 1) return [from];
  const wanted = span / count;
  let step = TIME_STEPS.find((step) => step >= wanted);
  if (step === undefined) {
    const power = 10 ** Math.floor(Math.log10(wanted / DAY));
    const factor = [1, 2, 5, 10].find((factor) => factor * power * DAY >= wanted) ?? 10;
    step = factor * power * DAY;
  }
  const ticks = [];
  for (let index = Math.ceil(from / step - 1e-9); index * step <= to + step * 1e-9; index++) ticks.push(index * step + 0);
  return ticks;
}

/** A mark on an axis whose marks lie `step` apart. */
export function tickLabel(seconds: number, step: number): string {
  if (step >= DAY) return `${Math.round(seconds / DAY)} d`;
  const day = Math.floor(seconds / DAY);
  const rest = seconds - day * DAY;
  if (step >= 60) {
    const time = `${Math.floor(rest / 3600)}:${two(Math.floor(rest / 60) % 60)}`;
    return day > 0 && rest === 0 ? `${day} d` : time;
  }
  if (step >= 1) return clock(seconds).replace(/^day \d+ /, '').replace(/^00:/, '');
  return `${Number(seconds.toFixed(3))} s`;
}

/** What a person typed as a time: `90`, `90s`, `1h30m`, `2d`, `07:30`, `07:30:15`; in seconds. */
export function parseTime(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  const onClock = /^(?:day\s+(\d+)\s+)?(\d+):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?$/.exec(trimmed);
  if (onClock) {
    const [, day, hours, minutes, seconds] = onClock;
    return (Number(day ?? 1) - 1) * DAY + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds ?? 0);
  }
  const sizes: Record<string, number> = { w: 7 * DAY, d: DAY, h: 3600, m: 60, min: 60, s: 1, ms: 1e-3 };
  let total = 0;
  const rest = trimmed.replace(/(\d+(?:\.\d+)?)\s*(w|d|h|min|ms|m|s)\s*/g, (_, amount: string, unit: string) => {
    total += Number(amount) * (sizes[unit] ?? 0);
    return '';
  });
  return rest === '' ? total : null;
}

/** Speeds that the transport bar offers; `null` is flat out. */
export const SPEEDS: readonly (number | null)[] = [1, 10, 60, 600, 3600, 10_000, 100_000, 1_000_000, null];

/** `1×`, `60×`, `1,000,000×`, `flat out`. */
export function speedName(speed: number | null): string {
  return speed === null ? 'flat out' : `${speed.toLocaleString('en')}×`;
}
