import { expect, test } from 'vitest';
import type { Metric, Results, Unit } from '../world/documents';
import { changedLines, pairsOf, scenarioOf } from './compare';

function results(metrics: Record<string, [number | null, Unit]>): Results {
  const entries = Object.entries(metrics).map(([name, [mean, unit]]): [string, Metric] => [name, { mean, half_width_95: null, n: 1, min: mean, max: mean, unit }]);
  return { scenario: 'desk', kind: 'process', seed: 1, replications: 1, events: 1, sim_seconds: 1, ledger_hash: null, complete: true, metrics: Object.fromEntries(entries), series: [], distributions: [] };
}

test('figures stand side by side with their difference, in one unit', () => {
  const left = results({ 'desk.wait': [120, 'seconds'], 'desk.abandoned': [0.02, 'share'], 'desk.arrivals': [10, 'count'] });
  const right = results({ 'desk.wait': [60, 'seconds'], 'desk.abandoned': [0.02, 'share'], 'till.wait': [null, 'seconds'] });
  expect(pairsOf(left, right).map(({ key, left, right, difference, change }) => [key, left, right, difference, change])).toEqual([
    ['desk.wait', '2 min', '1 min', '−1 min', '−50 %'],
    ['desk.abandoned', '2 %', '2 %', '0', ''],
    ['desk.arrivals', '10', '–', '–', ''],
    ['till.wait', '–', '–', '–', ''],
  ]);
});

test('lines that differ are told, and no others', () => {
  expect(changedLines('a\nb\nc\nd', 'a\nB\nc\nd\ne')).toEqual([
    { side: 'left', number: 2, text: 'b' },
    { side: 'right', number: 2, text: 'B' },
    { side: 'right', number: 5, text: 'e' },
  ]);
  expect(changedLines('same', 'same')).toEqual([]);
});

test('values that were set over the text count as changes of it', () => {
  const scenario = { name: 'desk.toml', text: 'agents = 1\n' };
  expect(scenarioOf({ scenario })).toBe(scenario.text);
  const changed = scenarioOf({ scenario, overrides: { agents: '2', title: '"Desk"' } });
  expect(changedLines(scenario.text, changed).map(({ text }) => text)).toEqual(['# Set over this text:', '# agents = 2', '# title = "Desk"']);
});
