/** The page: header, and one of three views by the address. */
import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { Gallery } from '../gallery/Gallery';
import { CompareView } from '../runs/CompareView';
import { RunsView } from '../runs/RunsView';
import { server } from '../world/server';
import { useRoute, useSession, useSettings } from './hooks';
import { Icon, Logo } from './icons';
import { session } from './session';
import { isDark, settings } from './settings';
import { WorldView } from './WorldView';

export function App(): ReactNode {
  const route = useRoute();
  const [, view = '', ...rest] = route.split('/');
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [view]);
  return (
    <>
      <a className="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <Header view={view} />
      <main id="main" tabIndex={-1} className={view === 'world' ? 'wide' : ''}>
        {view === 'world' ? <WorldView /> : view === 'runs' ? <RunsView /> : view === 'compare' ? <CompareView left={rest[0]} right={rest[1]} /> : <Gallery />}
      </main>
      <Notice />
    </>
  );
}

function skipToMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

const VIEWS = [
  { views: [''], label: 'Gallery' },
  { views: ['world'], label: 'World' },
  { views: ['runs', 'compare'], label: 'Runs' },
];

function Header({ view }: { view: string }): ReactNode {
  return (
    <header className="bar">
      <a className="brand" href="#/" aria-label="Pluriverse, to the gallery">
        <Logo />
        <span>Pluriverse</span>
      </a>
      <nav aria-label="Views">
        {VIEWS.map(({ views, label }) => (
          <a key={label} href={`#/${views[0]}`} aria-current={views.includes(view) ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      <EngineSwitch />
      <ThemeButton />
    </header>
  );
}

function EngineSwitch(): ReactNode {
  const { where } = useSettings();
  const isThere = useSyncExternalStore(server.subscribe, server.isThere);
  if (!isThere && where === 'browser') {
    return <span className="where" title="The engine runs in this page; nothing leaves this machine.">in this browser</span>;
  }
  const choose = (chosen: 'browser' | 'server'): void => {
    if (chosen === where) return;
    settings.set({ where: chosen });
    void session.restart(false);
  };
  return (
    <div className="segments" role="group" aria-label="Where worlds run">
      <button type="button" aria-pressed={where === 'browser'} onClick={() => choose('browser')}>
        <span className="long">In this&nbsp;</span>browser
      </button>
      <button type="button" aria-pressed={where === 'server'} onClick={() => choose('server')}>
        <span className="long">On the&nbsp;</span>server
      </button>
    </div>
  );
}

function ThemeButton(): ReactNode {
  useSettings();
  const dark = isDark();
  return (
    <button type="button" className="quiet square" aria-label="Dark theme" aria-pressed={dark} onClick={() => settings.set({ theme: dark ? 'light' : 'dark' })}>
      <Icon name="theme" />
    </button>
  );
}

function Notice(): ReactNode {
  const { notice } = useSession();
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(() => session.tell(null), 5000);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className="notices" role="status">
      {notice !== null && <p className="notice">{notice}</p>}
    </div>
  );
}
