/** Finished runs that this browser keeps, in IndexedDB. */
import type { Results, ScenarioText } from '../world/documents';

/** A figure of all stations together, over time, for laying two runs over each other. */
export interface Curve {
  times: number[];
  values: number[];
}

export interface KeptRun {
  id: string;
  name: string;
  created_at: string;
  source: 'browser' | 'server' | 'cli';
  scenario: ScenarioText;
  title: string;
  replication: number;
  results: Results;
  waiting: Curve | null;
}

const NAME = 'pluriverse';
const STORE = 'runs';

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(new Error(`this browser keeps no runs: ${request.error?.message ?? 'no storage'}`));
    request.onblocked = () => reject(new Error('another tab holds an older version of the stored runs'));
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function within<T>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(STORE, mode);
  const request = action(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(new Error(`the run could not be kept: ${transaction.error?.message ?? 'aborted'}`));
  });
}

const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

export const runs = {
  /** All runs, the latest first. */
  async all(): Promise<KeptRun[]> {
    const found = (await within('readonly', (store) => store.getAll())) as KeptRun[];
    return found.sort((left, right) => right.created_at.localeCompare(left.created_at));
  },

  async get(id: string): Promise<KeptRun | undefined> {
    return (await within('readonly', (store) => store.get(id))) as KeptRun | undefined;
  },

  async put(run: KeptRun): Promise<void> {
    await within('readwrite', (store) => store.put(run));
    changed();
  },

  async delete(id: string): Promise<void> {
    await within('readwrite', (store) => store.delete(id));
    changed();
  },

  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
