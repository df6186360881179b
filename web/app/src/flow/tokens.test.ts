import { expect, test } from 'vitest';
import type { Description, EventRow } from '../world/documents';
import { Tokens, Ways } from './tokens';

const KINDS = ['arrive', 'enter', 'start', 'end', 'leave', 'abandon'];
const DESCRIPTION: Description = {
  kind: 'process', name: 'desk', title: '', seed: 1, replication: 0, until_seconds: null,
  dictionary: { kinds: KINDS.map((name) => ({ name, subject: 0, object: null, value: '' })), nouns: [] },
  diagram: {
    nodes: [
      { noun: 'source', number: 0, name: 'people' },
      { noun: 'station', number: 0, name: 'desk' },
      { noun: 'exit', number: 0, name: 'exit' },
    ],
    edges: [
      { from: 0, to: 1, share: 1, label: '' },
      { from: 1, to: 2, share: 1, label: 'served' },
      { from: 1, to: 2, share: 1, label: 'gives up' },
    ],
  },
};

/** `arrive 1`, `enter 1`, … with every object the first of its sort. */
function rows(text: string): EventRow[] {
  return text.split(', ').map((part, row) => {
    const [name = '', subject] = part.split(' ');
    return { row, time_seconds: row, kind: KINDS.indexOf(name), subject: Number(subject), object: 0, value: null, cause: null };
  });
}

function counted(events: EventRow[], dropped = 0): number[] {
  const counts = new Float64Array(3);
  new Ways(DESCRIPTION).count({ events, dropped }, counts);
  return [...counts];
}

test('rows of a case tell the ways that it takes', () => {
  expect(counted(rows('arrive 1, enter 1, start 1, arrive 2, enter 2, end 1, leave 1, abandon 2, leave 2'))).toEqual([2, 1, 1]);
});

test('a case whose beginning was not seen takes no way', () => {
  expect(counted(rows('enter 1, leave 2'))).toEqual([0, 0, 0]);
});

test('what a feed leaves out is made up for', () => {
  expect(counted(rows('arrive 1, enter 1'), 6)).toEqual([4, 0, 0]);
});

test('dots begin, move on and end, never more than there is room for', () => {
  const tokens = new Tokens(3);
  const lengths = [1e5, 1e5, 150];
  for (let feed = 0; feed < 100; feed++) tokens.spawn(Float64Array.of(1e6, 10, 0), lengths, 0, 16);
  expect(tokens.count).toBeGreaterThan(100);
  expect(tokens.count).toBeLessThanOrEqual(280);
  const seen: number[] = [];
  tokens.advance(200, (edge, progress) => seen.push(edge, progress));
  expect(seen.filter((_, index) => index % 2 === 1).every((progress) => progress > 0 && progress < 1)).toBe(true);
  tokens.advance(5000, () => undefined);
  expect(tokens.count).toBe(0);
  for (let feed = 0; feed < 100; feed++) tokens.spawn(Float64Array.of(0, 0, 50), lengths, 0, 16);
  expect(tokens.count).toBe(10);
});
