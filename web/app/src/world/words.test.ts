import { expect, test } from 'vitest';
import type { Dictionary, EventRow } from './documents';
import { nameOf, sentence } from './words';

const kind = (name: string, object: number | null, value = ''): Dictionary['kinds'][number] => ({ name, subject: 0, object, value });

const DICTIONARY: Dictionary = {
  kinds: [kind('arrive', 1), kind('enter', 2), kind('start', 3, 'waited [s]'), kind('shift', null, 'agents on duty'), kind('explode', 2, 'force [N]')],
  nouns: [
    { name: 'case', labels: [] },
    { name: 'source', labels: [{ first: 0, count: 1, name: 'calls' }] },
    { name: 'station', labels: [{ first: 0, count: 1, name: 'desk' }, { first: 1, count: 1, name: 'till' }] },
    { name: 'agent', labels: [{ first: 0, count: 2, name: 'clerks' }, { first: 2, count: 3, name: 'seniors' }] },
  ],
};

function told(kind: number, object: number | null, value: number | null): string {
  const row: EventRow = { row: 0, time_seconds: 0, kind, subject: 17, object, value, cause: null };
  return sentence(DICTIONARY, row);
}

test('things are called by the names of the dictionary', () => {
  const agents = DICTIONARY.nouns[3];
  expect([0, 1, 2, 4, 5].map((number) => nameOf(agents, number))).toEqual(['clerks #1', 'clerks #2', 'seniors #1', 'seniors #3', 'agent 5']);
  expect(nameOf(DICTIONARY.nouns[2], 1)).toBe('till');
  expect(nameOf(undefined, 3)).toBe('3');
});

test('events are sentences', () => {
  expect(told(0, 0, null)).toBe('case 17 arrives from calls');
  expect(told(1, 1, 0)).toBe('case 17 comes to till, nobody before it');
  expect(told(1, 1, 1200)).toBe('case 17 comes to till, 1,200 before it');
  expect(told(2, 3, 12.4)).toBe('seniors #2 starts on case 17, who waited 12.4 s');
  expect(told(2, 3, 0)).toBe('seniors #2 starts on case 17 at once');
});

test('kinds that nobody has a sentence for are told plainly', () => {
  expect(told(4, 0, 3)).toBe('explode · case 17 · desk · force [N]: 3');
  expect(told(9, 0, 3)).toBe('kind 9');
});
