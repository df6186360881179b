/** The scenarios of the repository, with the files that they name. */
import type { ScenarioText } from '../world/documents';

const TEXTS = import.meta.glob<string>('../../../../scenarios/*.toml', { query: '?raw', import: 'default', eager: true });
const FILES = import.meta.glob<string>('../../../../scenarios/*.csv', { query: '?raw', import: 'default', eager: true });

export interface Sample {
  scenario: ScenarioText;
  title: string;
  kind: string;
  /** First line of the leading comment, and the rest in paragraphs. */
  summary: string;
  story: string[];
}

/** What a scenario's text says of itself. */
export function introduce(scenario: ScenarioText): Sample {
  const lines = scenario.text.split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  const comment = lines.slice(0, end < 0 ? undefined : end).map((line) => line.replace(/^#\s?/, ''));
  const [summary = '', ...story] = comment
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll('\n', ' ').trim())
    .filter((paragraph) => paragraph !== '');
  const value = (key: string): string => new RegExp(`^${key}\\s*=\\s*"(.*)"`, 'm').exec(scenario.text)?.[1] ?? '';
  return { scenario, title: value('title') || scenario.name, kind: value('kind'), summary, story };
}

/** Files of the repository that a text names. */
function filesOf(text: string): Record<string, Uint8Array> {
  const found = Object.entries(FILES).filter(([path]) => text.includes(`"${baseName(path)}"`));
  return Object.fromEntries(found.map(([path, content]) => [baseName(path), new TextEncoder().encode(content)]));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const ORDER = ['contact-centre', 'claims-trace', 'mega-centre', 'priority', 'tandem', 'erlang-a', 'mm1', 'mm10', 'mm3-10', 'mg1'];

/** Beginners first. */
export const SAMPLES: Sample[] = Object.entries(TEXTS)
  .map(([path, text]) => introduce({ name: baseName(path), text, files: filesOf(text) }))
  .sort((left, right) => rank(left) - rank(right));

function rank({ scenario }: Sample): number {
  const at = ORDER.indexOf(scenario.name.replace('.toml', ''));
  return at < 0 ? ORDER.length : at;
}

/** A scenario to begin with. */
export const BLANK: ScenarioText = {
  name: 'my-world.toml',
  text: `# A desk, and people who come to it.
kind = "process"
title = "My world"

[run]
until = "8h"

[sources.people]
arrivals = { poisson = { rate = "50/h" } }

[stations.desk]
agents = 2
service = { exponential = { mean = "2m" } }
patience = { exponential = { mean = "10m" } }
`,
};
