/** Reading a frame's tables by column name. */
import type { Frame } from './documents';

/** The numbers of a column; empty when there is no such column. */
export function numbers(frame: Frame, table: string, column: string): number[] {
  const found = frame.tables.find(({ name }) => name === table)?.columns.find(({ name }) => name === column);
  return (found?.values ?? []) as number[];
}

/** The texts of a column; empty when there is no such column. */
export function texts(frame: Frame, table: string, column: string): string[] {
  return numbers(frame, table, column) as unknown as string[];
}
