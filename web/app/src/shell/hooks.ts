/** Small bridges from browser state to React. */
import { useSyncExternalStore } from 'react';
import type { Live } from '../world/live';
import { session, type SessionState } from './session';
import { settings, type Settings } from './settings';

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
