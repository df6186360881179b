/**
 * What may be typed at a place of a scenario, from the kind's JSON Schema.
 *
 * Alternatives (`anyOf`, `oneOf`) are taken together: every key and value that some alternative allows is offered.
 */
import type { Context, Path, Scan } from './toml';

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  default?: unknown;
}

/** One thing that may be typed. */
export interface Offer {
  label: string;
  /** What is inserted; `${}` marks where the cursor may go. */
  insert: string;
  description: string;
  detail: string;
  type: 'key' | 'table' | 'value';
}

/** Alternatives of `schema`, with references followed. */
export function alternatives(root: Schema, schema: Schema | undefined, depth = 0): Schema[] {
  if (!schema || depth > 12) return [];
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
    return alternatives(root, target, depth + 1);
  }
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (branches.length === 0) return [schema];
  return branches.flatMap((branch) => alternatives(root, branch, depth + 1));
}

/** The schemas that may stand at a path. */
export function schemasAt(root: Schema, path: Path): Schema[] {
  let here = alternatives(root, root);
  for (const step of path) {
    here = here.flatMap((schema) => {
      if (typeof step === 'number') return alternatives(root, schema.items);
      const named = schema.properties?.[step];
      if (named) return alternatives(root, named);
      const any = schema.additionalProperties;
      return typeof any === 'object' ? alternatives(root, any) : [];
    });
  }
  return here;
}

/** The schemas as they are written at a path, before references are followed: their texts are about the place. */
function writtenAt(root: Schema, path: Path): Schema[] {
  const last = path.at(-1);
  return schemasAt(root, path.slice(0, -1)).flatMap((schema) => {
    if (typeof last === 'number') return schema.items ? [schema.items] : [];
    const named = schema.properties?.[last ?? ''];
    if (named) return [named];
    return typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [];
  });
}

/** What the key at `path` means. */
export function describe(root: Schema, path: Path): string {
  return writtenAt(root, path).map((schema) => schema.description ?? '').find((text) => text !== '') ?? '';
}

/** A value as TOML. */
export function toToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toToml).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value).map(([key, item]) => `${key} = ${toToml(item)}`).join(', ')} }`;
  }
  return JSON.stringify(value);
}

/** A value to begin with, for a key that was just typed. */
function skeleton(root: Schema, schema: Schema, depth = 0): string {
  const example = schema.examples?.[0] ?? schema.default;
  if (example !== undefined) return toToml(example);
  const branch = alternatives(root, schema)[0];
  if (!branch) return '${}';
  const inner = branch.examples?.[0] ?? branch.const ?? branch.default;
  if (inner !== undefined) return toToml(inner);
  if (branch.type === 'object' && depth < 3) {
    const required = (branch.required ?? []).map((key) => {
      const value = branch.properties?.[key];
      return `${key} = ${value ? skeleton(root, value, depth + 1) : '${}'}`;
    });
    return required.length > 0 ? `{ ${required.join(', ')} }` : '{ ${} }';
  }
  if (branch.type === 'array') return '[${}]';
  if (branch.type === 'string') return '"${}"';
  if (branch.type === 'boolean') return 'true';
  return '${}';
}

/** What may be typed in `context`; `scan` tells what the text has already. */
export function offers(root: Schema, context: Context, scan: Scan): Offer[] {
  switch (context.place) {
    case 'none':
      return [];
    case 'key':
      return keyOffers(root, context.path, context.isInline, scan);
    case 'header':
      return headerOffers(root, context.path, scan);
    case 'value':
      return valueOffers(root, context.path, context.isQuoted, scan);
  }
}

function propertiesAt(root: Schema, path: Path): Map<string, { schema: Schema; isRequired: boolean }> {
  const found = new Map<string, { schema: Schema; isRequired: boolean }>();
  for (const schema of schemasAt(root, path)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (!found.has(key)) found.set(key, { schema: property, isRequired: schema.required?.includes(key) ?? false });
    }
  }
  return found;
}

function isTable(root: Schema, schema: Schema): boolean {
  return alternatives(root, schema).every((branch) => branch.type === 'object');
}

function keyOffers(root: Schema, path: Path, isInline: boolean, scan: Scan): Offer[] {
  const properties = [...propertiesAt(root, path)];
  const missing = properties.filter(([key]) => !scan.keys.has(JSON.stringify([...path, key])));
  const fitting = missing.filter(([, { schema }]) => isInline || path.length > 0 || !isTable(root, schema));
  const keys = fitting.map(([key, { schema, isRequired }]): Offer => ({
    label: key,
    insert: `${key} = ${skeleton(root, schema)}`,
    description: schema.description ?? alternatives(root, schema)[0]?.description ?? '',
    detail: isRequired ? 'required' : '',
    type: 'key',
  }));
  return path.length === 0 && !isInline ? [...keys, ...tableOffers(root)] : keys;
}

/** Whole tables to begin at the top level. */
function tableOffers(root: Schema): Offer[] {
  return Object.entries(root.properties ?? {})
    .filter(([, schema]) => isTable(root, schema))
    .map(([key, schema]) => {
      const isNamed = typeof schema.additionalProperties === 'object';
      return {
        label: isNamed ? `[${key}.…]` : `[${key}]`,
        insert: isNamed ? `[${key}.\${name}]\n` : `[${key}]\n`,
        description: schema.description ?? '',
        detail: 'table',
        type: 'table' as const,
      };
    });
}

function headerOffers(root: Schema, path: Path, scan: Scan): Offer[] {
  const tables = [...propertiesAt(root, path)].filter(([, { schema }]) =>
    alternatives(root, schema).some((branch) => branch.type === 'object'),
  );
  const offered = tables.map(([key, { schema }]): Offer => ({
    label: key,
    insert: key,
    description: schema.description ?? '',
    detail: 'table',
    type: 'table',
  }));
  const names = namesUnder(scan, path).filter((name) => !tables.some(([key]) => key === name));
  const isNamed = schemasAt(root, path).some((schema) => typeof schema.additionalProperties === 'object');
  return isNamed ? [...offered, ...names.map((name): Offer => ({ label: name, insert: name, description: '', detail: 'in this file', type: 'table' }))] : offered;
}

/** Names that the text gives to things under a path: its stations, sources, pools. */
export function namesUnder(scan: Scan, path: Path): string[] {
  const names = new Set<string>();
  for (const key of scan.keys) {
    const parts = JSON.parse(key) as Path;
    const name = parts[path.length];
    if (typeof name === 'string' && path.every((step, index) => parts[index] === step)) names.add(name);
  }
  return [...names];
}

/** Where a text names another thing of the file: the last key of the path, and the tables of those things. */
const REFERENCES: Record<string, { tables: string[]; also: string[] }> = {
  to: { tables: ['stations'], also: ['next', 'exit'] },
  agents: { tables: ['pools'], also: [] },
  class: { tables: ['classes'], also: [] },
};

function valueOffers(root: Schema, path: Path, isQuoted: boolean, scan: Scan): Offer[] {
  const found = new Map<string, Offer>();
  const add = (value: unknown, description: string, detail: string): void => {
    if (isQuoted && typeof value !== 'string') return;
    const written = toToml(value);
    const label = isQuoted ? String(value) : written;
    if (!found.has(label)) found.set(label, { label, insert: label, description, detail, type: 'value' });
  };
  const key = path.findLast((step) => typeof step === 'string') ?? '';
  const reference = REFERENCES[key];
  for (const table of reference?.tables ?? []) {
    for (const name of namesUnder(scan, [table])) add(name, `${name}, of ${table} in this file`, table);
  }
  for (const name of reference?.also ?? []) add(name, '', '');
  for (const schema of [...writtenAt(root, path), ...schemasAt(root, path)]) {
    const text = schema.description ?? '';
    if (schema.const !== undefined) add(schema.const, text, '');
    for (const value of schema.enum ?? []) add(value, text, '');
    if (schema.default !== undefined) add(schema.default, text, 'default');
    for (const value of schema.examples ?? []) add(value, text, 'example');
    if (schema.type === 'boolean') [true, false].forEach((value) => add(value, text, ''));
    if (schema.type === 'object' && !isQuoted && (schema.required?.length ?? 0) > 0) {
      const written = skeleton(root, schema);
      const first = Object.values(schema.properties ?? {})[0];
      const label = `{ ${(schema.required ?? []).join(', ')} }`;
      if (!found.has(label)) found.set(label, { label, insert: written, description: text || (first?.description ?? ''), detail: '', type: 'value' });
    }
  }
  return [...found.values()];
}
