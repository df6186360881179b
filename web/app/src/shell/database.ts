/** What this browser keeps for good, in IndexedDB: runs that have finished, and scenarios that were changed. */
const NAME = 'pluriverse';
const VERSION = 2;
const STORES = ['runs', 'drafts'] as const;

export type StoreName = (typeof STORES)[number];

let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const known = request.result.objectStoreNames;
      for (const store of STORES) if (!known.contains(store)) request.result.createObjectStore(store, { keyPath: 'id' });
    };
    request.onsuccess = () => {
      // A tab with a newer version of this page may change the database; this one opens it again when it must.
      request.result.onversionchange = () => (request.result.close(), (opened = null));
      resolve(request.result);
    };
    request.onerror = () => reject(new Error(`this browser keeps nothing: ${request.error?.message ?? 'no storage'}`));
    request.onblocked = () => reject(new Error('another tab holds an older version of what is stored: close it'));
  }).catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

/** One kind of thing that is kept, each with an `id`. */
export class Kept<T extends { id: string }> {
  private readonly listeners = new Set<() => void>();

  constructor(private readonly store: StoreName) {}

  private async within<R>(mode: IDBTransactionMode, action: (store: IDBObjectStore) => IDBRequest<R>): Promise<R> {
    const transaction = (await database()).transaction(this.store, mode);
    const request = action(transaction.objectStore(this.store));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(new Error(`it could not be kept: ${transaction.error?.message ?? 'aborted'}`));
    });
  }

  async all(): Promise<T[]> {
    return (await this.within('readonly', (store) => store.getAll())) as T[];
  }

  async get(id: string): Promise<T | undefined> {
    return (await this.within('readonly', (store) => store.get(id))) as T | undefined;
  }

  async put(thing: T): Promise<void> {
    await this.within('readwrite', (store) => store.put(thing));
    this.changed();
  }

  async delete(id: string): Promise<void> {
    await this.within('readwrite', (store) => store.delete(id));
    this.changed();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}
