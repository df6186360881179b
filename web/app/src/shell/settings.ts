/** What this browser remembers: theme, where worlds run, the scenario that is open. */
import type { ScenarioText } from '../world/documents';
import type { Where } from '../world/handle';

export type Theme = 'system' | 'light' | 'dark';

export interface Settings {
  theme: Theme;
  where: Where;
  speed: number | null;
  seed: number | null;
  replication: number;
  /** Values set over those of the scenario's text, by dotted key, as TOML writes them. */
  overrides: Record<string, string>;
  /** The scenario that is open, as it was typed. */
  open: ScenarioText | null;
  /** The draft that it is kept as; `null` while it is as it was found. */
  draft: string | null;
}

const KEY = 'pluriverse.settings';
const DEFAULTS: Settings = { theme: 'system', where: 'browser', speed: 600, seed: null, replication: 0, overrides: {}, open: null, draft: null };

function read(): Settings {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings> & { open?: StoredScenario | null };
    return { ...DEFAULTS, ...stored, open: stored.open ? revive(stored.open) : null };
  } catch {
    // What another version has left behind is no reason not to start.
    return DEFAULTS;
  }
}

/** A scenario as JSON carries it: its files in base64. */
export interface StoredScenario {
  name: string;
  text: string;
  files?: Record<string, string>;
}

/** A scenario from JSON. */
export function revive({ name, text, files }: StoredScenario): ScenarioText {
  const entries = Object.entries(files ?? {}).map(([path, content]) => [path, fromBase64(content)] as const);
  return { name, text, files: Object.fromEntries(entries) };
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}

/** Bytes from base64. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

/** A scenario as JSON carries it. */
export function storedScenario({ name, text, files }: ScenarioText): StoredScenario {
  const entries = Object.entries(files ?? {}).map(([path, content]) => [path, toBase64(content)] as const);
  return { name, text, files: Object.fromEntries(entries) };
}

let current = read();
const listeners = new Set<() => void>();

export const settings = {
  get: (): Settings => current,
  set(change: Partial<Settings>): void {
    current = { ...current, ...change };
    const stored = { ...current, open: current.open ? storedScenario(current.open) : null };
    try {
      localStorage.setItem(KEY, JSON.stringify(stored));
    } catch {
      // A full or forbidden storage only means that nothing is remembered.
    }
    if (change.theme !== undefined) applyTheme();
    for (const listener of listeners) listener();
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

/** Shows the page in the chosen theme, and tells canvases. */
export function applyTheme(): void {
  const { theme } = current;
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  window.dispatchEvent(new Event('themechange'));
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => window.dispatchEvent(new Event('themechange')));

/** Whether the page is dark now. */
export function isDark(): boolean {
  return current.theme === 'dark' || (current.theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
}
