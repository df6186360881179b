import { expect, test } from 'vitest';
import type { Finding } from '../world/documents';
import { indexOfByte, rangeOf } from './places';

function finding(start: number, end: number): Finding {
  return { severity: 'error', message: '', expected: '', help: '', place: { line: 1, column: 1, start, end } };
}

test('bytes of UTF-8 become places of UTF-16', () => {
  const text = 'ä€😀x';
  expect([0, 2, 5, 9, 10, 99].map((byte) => indexOfByte(text, byte))).toEqual([0, 1, 2, 4, 5, 5]);
});

test('a finding is never shown nowhere', () => {
  expect(rangeOf('a = 1', finding(4, 5))).toEqual({ from: 4, to: 5 });
  expect(rangeOf('a = 1', finding(2, 2))).toEqual({ from: 2, to: 3 });
  expect(rangeOf('a = 1', finding(5, 5))).toEqual({ from: 4, to: 5 });
  expect(rangeOf('a = 1\nb = 2', { ...finding(0, 0), place: null })).toEqual({ from: 0, to: 5 });
});
