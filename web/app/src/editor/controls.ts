/**
 * The numbers that people change most, found in a scenario's text: agents, arrival rates, mean durations.
 *
 * Each field knows its place; changing it changes these characters and nothing else, comments included.
 */
import { scanToml, type Leaf, type Path } from './toml';

/** One number in the text. */
export interface Field {
  /** What tells it from the others of its control; empty when it is alone. */
  name: string;
  value: string;
  /** What follows the number in the text, such as `/h` or `s`; empty for plain numbers. */
  suffix: string;
  from: number;
  to: number;
}

export interface Control {
  /** The station, pool or source. */
  group: string;
  label: string;
  unit: 'agents' | 'rate' | 'duration';
  fields: Field[];
}

const AMOUNT = /^([+-]?[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?)\s*(\/?\s*[a-zµμ]+)$/;

export function controlsOf(text: string): Control[] {
  const { leaves } = scanToml(text);
  const controls = new Map<string, Control>();
  for (const leaf of leaves) {
    const [table, group] = leaf.path;
    if (typeof group !== 'string' || !isTable(table)) continue;
    const role = roleOf(leaf, leaf.path.slice(2), leaves);
    const field = role && fieldOf(leaf, role.name);
    if (!role || !field) continue;
    const key = `${String(table)}.${group}.${role.label}`;
    const control = controls.get(key) ?? { group, label: role.label, unit: role.unit, fields: [] };
    control.fields.push(field);
    controls.set(key, control);
  }
  const order = { agents: 0, duration: 1, rate: 2 };
  return [...controls.values()].sort((left, right) => order[left.unit] - order[right.unit]);
}

/** The text with another number in the place of a field's. */
export function withValue(text: string, field: Field, value: string): string {
  return text.slice(0, field.from) + value + text.slice(field.to);
}

function isTable(name: string | number | undefined): boolean {
  return name === 'stations' || name === 'pools' || name === 'sources';
}

interface Role {
  label: string;
  name: string;
  unit: Control['unit'];
}

function roleOf(leaf: Leaf, path: Path, leaves: Leaf[]): Role | null {
  const [first] = path;
  const last = path.at(-1);
  if (first === 'agents') return staffRole(leaf, path, leaves);
  if (first === 'arrivals') {
    if (last === 'rate') return { label: path.includes('steps') ? 'arrivals by step' : 'arrivals', name: fromOf(leaf, leaves), unit: 'rate' };
    if (path.includes('values') && leaf.type === 'string') return { label: `arrivals ${each(leaf, leaves)}`, name: String(Number(last) + 1), unit: 'rate' };
    return null;
  }
  if ((first === 'service' || first === 'patience') && (path.length === 1 || last === 'mean')) {
    if (path.includes('mixture') || path.includes('steps') || path.includes('by_class')) return null;
    return { label: path.length === 1 ? first : `${first}, mean`, name: '', unit: 'duration' };
  }
  return null;
}

function staffRole(leaf: Leaf, path: Path, leaves: Leaf[]): Role | null {
  if (leaf.type !== 'number') return null;
  if (path.length === 1) return { label: 'agents', name: '', unit: 'agents' };
  if (path[1] === 'values') return { label: `agents ${each(leaf, leaves)}`, name: String(Number(path[2]) + 1), unit: 'agents' };
  if (path[1] === 'schedule' && path.at(-1) === 'agents') return { label: 'agents by schedule', name: fromOf(leaf, leaves), unit: 'agents' };
  return null;
}

/** `by hour` or `every 30m`, from the `every` beside a list of values. */
function each(leaf: Leaf, leaves: Leaf[]): string {
  const every = sibling(leaf.path.slice(0, -2), 'every', leaves);
  return every === '1h' ? 'by hour' : `every ${every}`;
}

/** When the step that a value belongs to begins. */
function fromOf(leaf: Leaf, leaves: Leaf[]): string {
  return sibling(leaf.path.slice(0, -1), 'from', leaves);
}

function sibling(path: Path, key: string, leaves: Leaf[]): string {
  const wanted = JSON.stringify([...path, key]);
  return leaves.find((leaf) => JSON.stringify(leaf.path) === wanted)?.text ?? '';
}

function fieldOf(leaf: Leaf, name: string): Field | null {
  if (leaf.type === 'number') return { name, value: leaf.text, suffix: '', from: leaf.from, to: leaf.to };
  if (leaf.type !== 'string') return null;
  const [, amount, suffix] = AMOUNT.exec(leaf.text) ?? [];
  if (amount === undefined || amount === '' || suffix === undefined) return null;
  const from = leaf.from + 1 + leaf.text.indexOf(amount);
  return { name, value: amount, suffix: suffix.trim(), from, to: from + amount.length };
}
