/** The page: header, and one of its views by the address. */
import { useEffect, type ReactNode } from 'react';
import { Gallery } from '../gallery/Gallery';
import { ReportView } from '../report/ReportView';
import { CompareView } from '../runs/CompareView';
import { RunsView } from '../runs/RunsView';
import { server } from '../world/server';
import { token } from '../world/token';
import { WorldsView } from '../worlds/WorldsView';
import { useLocked, useRoute, useServer, useSession, useSettings } from './hooks';
import { Icon, Logo } from './icons';
import { worldAddress } from './routes';
import { session } from './session';
import { isDark, settings } from './settings';
import { TokenDialog } from './TokenDialog';
import { WorldView } from './WorldView';

export function App(): ReactNode {
  const route = useRoute();
  const [, view = '', ...rest] = route.split('/').map(decodeURIComponent);
  const isWorld = view === 'world' || (view === 'worlds' && Boolean(rest[0]));
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [view]);
  return (
    <>
      <a className="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <Header view={isWorld ? 'world' : view} />
      <main id="main" tabIndex={-1} className={isWorld ? 'wide' : ''}>
        {isWorld ? <WorldView id={view === 'worlds' ? rest[0] : undefined} /> : <View view={view} rest={rest} />}
      </main>
      <Notice />
      <TokenDialog />
    </>
  );
}

function View({ view, rest }: { view: string; rest: string[] }): ReactNode {
  switch (view) {
    case 'worlds':
      return <WorldsView />;
    case 'runs':
      return <RunsView />;
    case 'report':
      return <ReportView id={rest[0] ?? ''} />;
    case 'compare':
      return <CompareView left={rest[0]} right={rest[1]} />;
    default:
      return <Gallery />;
  }
}

function skipToMain(event: React.MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Header({ view }: { view: string }): ReactNode {
  const { live } = useSession();
  const isThere = useServer();
  const views = [
    { views: [''], label: 'Gallery', address: '#/' },
    { views: ['world'], label: 'World', address: worldAddress(live?.handle.id) },
    ...(isThere ? [{ views: ['worlds'], label: 'Server', address: '#/worlds' }] : []),
    { views: ['runs', 'compare', 'report'], label: 'Runs', address: '#/runs' },
  ];
  return (
    <header className="bar">
      <a className="brand" href="#/" aria-label="Pluriverse, to the gallery">
        <Logo />
        <span>Pluriverse</span>
      </a>
      <nav aria-label="Views">
        {views.map(({ views, label, address }) => (
          <a key={label} href={address} aria-current={views.includes(view) ? 'page' : undefined}>
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
  const isThere = useServer();
  const isLocked = useLocked();
  if (!isThere && where === 'browser') {
    return <span className="where" title="The engine runs in this page; nothing leaves this machine.">in this browser</span>;
  }
  const choose = async (chosen: 'browser' | 'server'): Promise<void> => {
    if (chosen === where) return;
    if (chosen === 'server' && server.isLocked() && (await token.ask(null)) === 'dismissed') return;
    settings.set({ where: chosen });
    await session.restart(false);
  };
  return (
    <div className="segments" role="group" aria-label="Where worlds run">
      <button type="button" aria-pressed={where === 'browser'} onClick={() => void choose('browser')}>
        <span className="long">In this&nbsp;</span>browser
      </button>
      <button type="button" aria-pressed={where === 'server'} onClick={() => void choose('server')}>
        {isLocked && <Icon name="key" />}
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

/** How long a notice stays. */
const SHOWN_MILLIS = 6000;

function Notice(): ReactNode {
  const { notice } = useSession();
  useEffect(() => {
    if (notice === null) return undefined;
    const timer = setTimeout(() => session.hush(), SHOWN_MILLIS);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div className="notices" role="status">
      {notice !== null && (
        <p className="notice">
          {notice.text}
          {notice.action && (
            <button
              type="button"
              onClick={() => {
                notice.action?.act();
                session.hush();
              }}
            >
              {notice.action.label}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
