/** Distributions as a histogram of bars of equal width, and as the share that a value does not exceed. */
import type { Distribution, Results } from '../world/documents';

/** Bars of a histogram. */
const BARS = 48;
/** Where an axis ends: beyond it lies one in a hundred. */
const SHOWN_SHARE = 0.99;

/** One distribution of one run or of two. */
export interface Spread {
  name: string;
  sides: { name: string; color: number; distribution: Distribution }[];
}

export function spreadsOf({ distributions }: Pick<Results, 'distributions'>): Spread[] {
  return distributions.filter(({ count }) => count > 0).map((distribution) => ({ name: distribution.name, sides: [{ name: '', color: 0, distribution }] }));
}

export function spreadsOfBoth(left: Pick<Results, 'distributions'>, right: Pick<Results, 'distributions'>): Spread[] {
  return left.distributions.flatMap((a) => {
    const b = right.distributions.find(({ name }) => name === a.name);
    if (!b || a.count === 0 || b.count === 0) return [];
    return [{ name: a.name, sides: [{ name: 'A', color: 0, distribution: a }, { name: 'B', color: 1, distribution: b }] }];
  });
}

/** The value that a share of the observations does not exceed, as the document tells it. */
export function quantile({ quantiles }: Distribution, share: number): number | null {
  return quantiles.find((one) => one.share === share)?.value ?? null;
}

/** The share of those that are nothing at all: who did not wait. */
export function shareOfZero({ bins, count }: Distribution): number {
  const [first] = bins;
  return first && first.to === 0 && count > 0 ? first.count / count : 0;
}

/** Where the axis ends that all sides of a spread share. */
export function endOf({ sides }: Spread): number {
  const ends = sides.map(({ distribution }) => quantile(distribution, SHOWN_SHARE) ?? 0);
  const end = Math.max(...ends);
  if (end > 0) return end;
  return Math.max(...sides.map(({ distribution }) => distribution.bins.at(-1)?.to ?? 0)) || 1;
}

/** Edges of bars up to `end`. */
export function edges(end: number): number[] {
  return Array.from({ length: BARS + 1 }, (_, index) => (end * index) / BARS);
}

/** The share of all observations in each bar, those of nothing at all left out; a bin is spread evenly over its width. */
export function bars({ bins, count }: Distribution, end: number): number[] {
  const shares = new Array<number>(BARS).fill(0);
  const width = end / BARS;
  for (const { from, to, count: inBin } of bins) {
    if (to === 0 || from > end) continue;
    const span = to - from;
    const first = Math.min(BARS - 1, Math.floor(from / width));
    if (span <= 0) {
      shares[first] = (shares[first] ?? 0) + inBin / count;
      continue;
    }
    for (let bar = first; bar < BARS && bar * width < to; bar++) {
      const overlap = Math.min(to, (bar + 1) * width) - Math.max(from, bar * width);
      if (overlap > 0) shares[bar] = (shares[bar] ?? 0) + (inBin * overlap) / span / count;
    }
  }
  return shares;
}

/** The share of observations up to each of `places`, ascending. */
export function cumulative({ bins, count }: Distribution, places: number[]): number[] {
  let bin = 0;
  let before = 0;
  return places.map((place) => {
    for (let next = bins[bin]; next && next.to <= place; next = bins[++bin]) before += next.count;
    const current = bins[bin];
    const partly = current && current.from < place ? (current.count * (place - current.from)) / (current.to - current.from) : 0;
    return (before + partly) / count;
  });
}
