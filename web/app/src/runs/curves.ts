/** Two runs' figures over one axis of time. */
import type { Curve } from './store';

/** Both curves over all times of either; each holds its value until it changes. */
export function together(left: Curve, right: Curve): [number[], (number | null)[], (number | null)[]] {
  const times = [...new Set([...left.times, ...right.times])].sort((a, b) => a - b);
  const hold = ({ times: own, values }: Curve): (number | null)[] => {
    let at = -1;
    return times.map((time) => {
      while (at + 1 < own.length && (own[at + 1] ?? Infinity) <= time) at += 1;
      return at < 0 || time > (own.at(-1) ?? 0) ? null : (values[at] ?? null);
    });
  };
  return [times, hold(left), hold(right)];
}
