/**
 * Figures over simulated time in a bounded buffer.
 *
 * Holds at most `capacity` samples over the whole run: when it is full, every second one goes and the least spacing
 * doubles. The last sample is always the latest that was given. A sample from before the last one means that the
 * world went back: what came after is cut off.
 */
export class Samples {
  readonly times: Float64Array;
  readonly columns: Float64Array[];
  length = 0;
  /** Least time between kept samples. */
  spacing = 0;

  constructor(
    readonly capacity: number,
    columnCount: number,
  ) {
    this.times = new Float64Array(capacity);
    this.columns = Array.from({ length: columnCount }, () => new Float64Array(capacity));
  }

  clear(): void {
    this.length = 0;
    this.spacing = 0;
  }

  /** The time of the latest sample. */
  last(): number | null {
    return this.length > 0 ? (this.times[this.length - 1] ?? null) : null;
  }

  /** Cuts off everything after `time`; whether there was anything. */
  cutAfter(time: number): boolean {
    const before = this.length;
    while (this.length > 0 && (this.times[this.length - 1] ?? 0) > time) this.length -= 1;
    return this.length < before;
  }

  /** Takes a sample; returns whether it has a place of its own, or has only moved the last one on. */
  push(time: number, values: ArrayLike<number>): boolean {
    this.cutAfter(time);
    const end = this.length;
    const isSame = end > 0 && this.times[end - 1] === time;
    const isClose = end > 1 && time - (this.times[end - 2] ?? 0) < this.spacing;
    if (isSame || isClose) {
      this.write(end - 1, time, values);
      return false;
    }
    if (end === this.capacity) this.thin();
    this.write(this.length, time, values);
    this.length += 1;
    return true;
  }

  private write(index: number, time: number, values: ArrayLike<number>): void {
    this.times[index] = time;
    this.columns.forEach((column, place) => (column[index] = values[place] ?? NaN));
  }

  private thin(): void {
    const span = (this.times[this.length - 1] ?? 0) - (this.times[0] ?? 0);
    const keep = this.length >> 1;
    for (let index = 0; index < keep; index++) {
      this.times[index] = this.times[index * 2] ?? 0;
      for (const column of this.columns) column[index] = column[index * 2] ?? NaN;
    }
    this.length = keep;
    this.spacing = Math.max((2 * span) / this.capacity, this.spacing * 1.5);
  }
}
