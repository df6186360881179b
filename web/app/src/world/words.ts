/** Events in words: names from the ledger's dictionary, sentences for the kinds that we know, plain words for others. */
import { duration, whole } from '../format/number';
import type { Dictionary, EventRow, Noun } from './documents';

/** What the thing of this number is called: `desk`, `nurses#2`, `case 17`. */
export function nameOf(noun: Noun | undefined, number: number): string {
  if (!noun) return `${number}`;
  let low = 0;
  let high = noun.labels.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((noun.labels[middle]?.first ?? 0) <= number) low = middle + 1;
    else high = middle;
  }
  const label = noun.labels[low - 1];
  if (label && label.count === 1 && label.first === number) return label.name;
  if (label && number - label.first < label.count) return `${label.name} #${number - label.first + 1}`;
  return `${noun.name} ${number}`;
}

type Sentence = (subject: string, object: string, value: number | null) => string;

const waiting = (value: number | null): string => (value === null ? '' : value === 0 ? ', nobody before it' : `, ${whole(value)} before it`);
const after = (value: number | null): string => (value === null ? '' : ` after ${duration(value)}`);

const SENTENCES: Record<string, Sentence> = {
  arrive: (subject, object) => `${subject} arrives from ${object}`,
  enter: (subject, object, value) => `${subject} comes to ${object}${waiting(value)}`,
  start: (subject, object, value) =>
    `${object} starts on ${subject}${value === 0 ? ' at once' : value === null ? '' : `, who waited ${duration(value)}`}`,
  end: (subject, object, value) => `${subject} is done at ${object}${after(value)}`,
  leave: (subject, _, value) => `${subject} leaves${after(value)}`,
  abandon: (subject, object, value) => `${subject} gives up at ${object}${after(value)}`,
  balk: (subject, object, value) => `${subject} turns away from ${object}${waiting(value)}`,
  hold: (subject, object, value) => `${subject} is held back from ${object}${waiting(value)}`,
  admit: (subject, object, value) => `${subject} is let in to ${object}${waiting(value)}`,
  preempt: (subject, object, value) => `${object} stops with ${subject}${value === null ? '' : `, ${duration(value)} left`}`,
  shift: (subject, _, value) => `${subject}: ${value === null ? 'other' : whole(value)} on duty`,
  done: (subject, object) => `${object} reports ${subject} as done`,
};

/** One event as a sentence. */
export function sentence(dictionary: Dictionary, row: EventRow): string {
  const kind = dictionary.kinds[row.kind];
  if (!kind) return `kind ${row.kind}`;
  const name = (number: number | null, noun: number | null): string =>
    number === null ? '' : nameOf(noun === null ? undefined : dictionary.nouns[noun], number);
  const subject = name(row.subject, kind.subject);
  const object = name(row.object, kind.object);
  const known = SENTENCES[kind.name];
  if (known) return known(subject, object || 'somebody', row.value);
  const value = row.value === null || kind.value === '' ? '' : `${kind.value}: ${row.value}`;
  return [kind.name, subject, object, value].filter((part) => part !== '').join(' · ');
}
