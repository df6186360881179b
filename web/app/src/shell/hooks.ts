/** Small bridges from browser state to React. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { Live } from '../world/live';
import { session, type SessionState } from './session';
import { settings, type Settings } from './settings';
import { server } from '../world/server';

export function useSettings(): Settings {
  return useSyncExternalStore(settings.subscribe, settings.get);
}

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, session.get);
}

/** Renders again, a few times a second, when the world has something new. */
export function useLive(live: Live): Live {
  useSyncExternalStore(live.subscribe, live.snapshot);
  return live;
}

export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}

/** The address after `#`. */
export function useRoute(): string {
  return useSyncExternalStore(
    (listener) => {
      addEventListener('hashchange', listener);
      return () => removeEventListener('hashchange', listener);
    },
    () => location.hash.slice(1) || '/',
  );
}

/** Whether the page came from a server that answers; `null` until it was asked. */
export function useServer(): boolean | null {
  return useSyncExternalStore(server.subscribe, server.isThere);
}

/** Whether the server answers only to those who have a token, and this page has none. */
export function useLocked(): boolean {
  return useSyncExternalStore(server.subscribe, server.isLocked);
}

/** Counts up with every change of the theme: what is drawn in its colours is drawn again. */
export function useThemeChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const count = (): void => setChanges((before) => before + 1);
    addEventListener('themechange', count);
    return () => removeEventListener('themechange', count);
  }, []);
  return changes;
}
