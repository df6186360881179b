import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { controlsOf, withValue } from './controls';
import { describe as describeKey, offers, type Schema } from './schema';
import { contextAt, scanToml } from './toml';

const SCHEMA = JSON.parse(readFileSync(new URL('../../../../docs/schema/process.schema.json', import.meta.url), 'utf8')) as Schema;
const scenario = (name: string): string => readFileSync(new URL(`../../../../scenarios/${name}.toml`, import.meta.url), 'utf8');

/** What is offered where the text has a `|`. */
function offered(marked: string): string[] {
  const position = marked.indexOf('|');
  const text = marked.replace('|', '');
  return offers(SCHEMA, contextAt(text, position), scanToml(text)).map((offer) => offer.label);
}

test('every value of a file has its path and place', () => {
  const text = scenario('contact-centre');
  const { leaves } = scanToml(text);
  const at = (path: string): string | undefined => leaves.find((leaf) => leaf.path.join('.') === path)?.text;
  expect(at('kind')).toBe('process');
  expect(at('run.until')).toBe('13h');
  expect(at('sources.calls.arrivals.rates.values.4')).toBe('200/h');
  expect(at('stations.agents.agents.values.2')).toBe('8');
  expect(at('stations.agents.patience.mixture.1.of.exponential.mean')).toBe('1000s');
  for (const leaf of leaves) expect(text.slice(leaf.from, leaf.to)).toContain(leaf.text);
});

test('a line that does not parse does not hide the others', () => {
  const { leaves } = scanToml('a = \nb = "no end\n= 3\n[x\ny = 4\n');
  expect(leaves.map((leaf) => leaf.path.join('.'))).toEqual(['y']);
});

test('keys are offered in tables, headers and inline tables, but not twice', () => {
  expect(offered('kind = "process"\n[run]\nuntil = "1h"\n|')).toContain('warm_up');
  expect(offered('kind = "process"\n[run]\nuntil = "1h"\n|')).not.toContain('until');
  expect(offered('[stations.desk]\nservice = { | }')).toContain('exponential');
  expect(offered('[|')).toEqual(expect.arrayContaining(['run', 'sources', 'stations', 'pools']));
  expect(offered('[stations.desk]\nser|')).toContain('service');
  expect(offered('|')).toEqual(expect.arrayContaining(['kind', '[stations.…]']));
});

test('values are offered: constants, examples, names of the file', () => {
  expect(offered('[run]\nat_end = "|')).toEqual(['cut', 'drain']);
  expect(offered('[run]\nat_end = |')).toContain('"drain"');
  expect(offered('[pools.nurses]\nagents = 3\n[stations.desk]\nagents = "|')).toContain('nurses');
  expect(offered('[stations.a]\nto = "|"\n[stations.b]\n')).toEqual(expect.arrayContaining(['a', 'b', 'exit']));
  expect(offered('# a comment |')).toEqual([]);
});

test('keys are described in the words of the schema', () => {
  expect(describeKey(SCHEMA, ['run', 'warm_up'])).toBe('Measures start at this time.');
  expect(describeKey(SCHEMA, ['stations', 'desk', 'service'])).toContain('service');
});

test('the numbers that people change have controls', () => {
  const names = (name: string): string[] => controlsOf(scenario(name)).map((control) => `${control.group}: ${control.label} (${control.fields.length})`);
  expect(names('mm1')).toEqual(['barber: agents (1)', 'barber: service, mean (1)', expect.stringContaining('arrivals')]);
  expect(names('contact-centre')).toContain('agents: agents by hour (13)');
  expect(names('claims-trace')).toContain('assessors: agents by schedule (3)');
});

test('a control writes into the text and nowhere else', () => {
  const text = scenario('contact-centre');
  const staff = controlsOf(text).find((control) => control.fields.length === 13 && control.unit === 'agents');
  const field = staff?.fields[4];
  if (!field) throw new Error('no field');
  expect(field.value).toBe('8');
  const changed = withValue(text, field, '10');
  expect(changed).toContain('[4, 6, 8, 8, 10, 7,');
  expect(changed.length).toBe(text.length + 1);
});
