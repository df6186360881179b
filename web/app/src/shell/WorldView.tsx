/** One world: its flow, the transport bar, charts, scenario, results and events. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { EventLog } from '../events/EventLog';
import { FlowPanel } from '../flow/FlowPanel';
import { wordsOf } from '../format/error';
import { whole } from '../format/number';
import { ResultsPanel } from '../results/ResultsPanel';
import { Transport } from '../transport/Transport';
import type { Live } from '../world/live';
import { server } from '../world/server';
import { token } from '../world/token';
import { useLive, useMedia, useServer, useSession } from './hooks';
import { Icon } from './icons';
import { Problem } from './Problem';
import { worldAddress } from './routes';
import { session } from './session';
import { settings } from './settings';
import { ScenarioPanel } from '../editor/ScenarioPanel';

const Charts = lazy(() => import('../charts/Charts').then(({ Charts }) => ({ default: Charts })));

export function WorldView({ id }: { id: string | undefined }): ReactNode {
  const { live, scenario, isOpening, problem } = useSession();
  useEffect(() => showWhatIsAt(id), [id]);
  const isWide = useMedia('(min-width: 1280px)');
  if (!scenario) {
    return (
      <div className="empty big">
        {problem === null ? <p>Opening…</p> : <Problem>{problem}</Problem>}
        {problem !== null && (
          <a className="button" href="#/worlds">
            Worlds on the server
          </a>
        )}
      </div>
    );
  }
  return (
    <div className={isWide ? 'world three' : 'world one'}>
      <div className="top">
        <Title live={live} />
        {live && <Banners live={live} />}
      </div>
      {isWide ? <Wide live={live} isOpening={isOpening} problem={problem} /> : <Narrow live={live} isOpening={isOpening} problem={problem} />}
    </div>
  );
}

/** Opens what an address stands for: a world on the server, or what was open here before. */
function showWhatIsAt(id: string | undefined): void {
  const { scenario, live } = session.get();
  if (id !== undefined) void session.attach(id);
  else if (live?.handle.id !== undefined) location.replace(worldAddress(live.handle.id));
  else if (!scenario) {
    const { open, draft, seed, replication, overrides } = settings.get();
    if (open) void session.open(open, draft, { seed, replication, overrides });
    else location.hash = '#/';
  }
}

interface ViewProps {
  live: Live | null;
  isOpening: boolean;
  problem: string | null;
}

function Wide({ live, isOpening, problem }: ViewProps): ReactNode {
  return (
    <>
      <div className="column left">
        <ScenarioPanel />
      </div>
      <div className="column middle">
        <Stage live={live} isOpening={isOpening} problem={problem} least={216} />
        {live && <LiveCharts live={live} />}
      </div>
      <div className="column right">{live && <Tabs live={live} names={['Results', 'Events']} />}</div>
    </>
  );
}

function Narrow({ live, isOpening, problem }: ViewProps): ReactNode {
  return (
    <>
      <Stage live={live} isOpening={isOpening} problem={problem} least={172} />
      <Tabs live={live} names={['Charts', 'Scenario', 'Results', 'Events']} />
    </>
  );
}

function Stage({ live, isOpening, problem, least }: ViewProps & { least: number }): ReactNode {
  if (live) {
    return (
      <div className={isOpening ? 'panel stage busy' : 'panel stage'}>
        <FlowPanel key={live.description.name} live={live} least={least} />
        <Transport live={live} />
      </div>
    );
  }
  return (
    <div className="panel stage">
      <div className="empty big">{isOpening ? <p>Opening the world…</p> : <Problem>{problem ?? 'There is no world.'}</Problem>}</div>
    </div>
  );
}

function LiveCharts({ live }: { live: Live }): ReactNode {
  return (
    <Suspense fallback={<div className="chart-board" />}>
      <Charts live={live} />
    </Suspense>
  );
}

type TabName = 'Charts' | 'Scenario' | 'Results' | 'Events';

function Tabs({ live, names }: { live: Live | null; names: TabName[] }): ReactNode {
  const [chosen, setChosen] = useState<TabName>(names[0] ?? 'Results');
  const current = names.includes(chosen) ? chosen : (names[0] ?? 'Results');
  const move = (event: React.KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const next = names[(names.indexOf(current) + by + names.length) % names.length] ?? current;
    setChosen(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  return (
    <div className="panel tabs-panel">
      <div role="tablist" aria-label="About this world" className="tabs" onKeyDown={move}>
        {names.map((name) => (
          <button
            key={name}
            id={`tab-${name}`}
            type="button"
            role="tab"
            aria-selected={name === current}
            aria-controls="tab-panel"
            tabIndex={name === current ? 0 : -1}
            onClick={() => setChosen(name)}
          >
            {name}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${current}`} tabIndex={0} className={`tab-body ${current.toLowerCase()}`}>
        {current === 'Scenario' && <ScenarioPanel />}
        {live && current === 'Charts' && <LiveCharts live={live} />}
        {live && current === 'Results' && <ResultsPanel live={live} />}
        {live && current === 'Events' && <EventLog live={live} />}
      </div>
    </div>
  );
}

function Title({ live }: { live: Live | null }): ReactNode {
  const { scenario } = useSession();
  const isThere = useServer();
  const [isSending, setSending] = useState(false);
  const send = (): void => {
    if (!live) return;
    setSending(true);
    void live
      .attempt(async () => {
        const answer = await server.ingest(await live.handle.ledger());
        session.tell(`The server has the ledger, as run ${answer.run}`);
      })
      .finally(() => setSending(false));
  };
  return (
    <div className="title">
      <div className="title-text">
        <h1>{live?.description.title || scenario?.name}</h1>
        <p className="muted">
          {live ? `${live.description.kind} · ${live.description.name} · seed ${live.description.seed}` : scenario?.name}
          {live && live.description.replication > 0 ? ` · replication ${live.description.replication}` : ''}
          {live ? ` · ${live.handle.where === 'browser' ? 'in this browser' : 'on the server'}` : ''}
        </p>
      </div>
      {live && (
        <div className="title-actions">
          <button type="button" title="Go on in a second world, from here" onClick={() => void session.branch()}>
            <Icon name="branch" /> Branch
          </button>
          <button type="button" title="The ledger so far, as an Arrow file" onClick={() => void live.attempt(() => download(live))}>
            <Icon name="download" /> <span className="long">Ledger</span>
          </button>
          {live.handle.id !== undefined && <ServerActions />}
          {isThere && live.handle.where === 'browser' && (
            <button type="button" disabled={isSending} onClick={send}>
              <Icon name="send" /> {isSending ? 'Sending…' : 'Send to server'}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

/** What becomes of a world on the server when one is done with it. */
function ServerActions(): ReactNode {
  const done = (how: Promise<void> | void): void => {
    location.hash = '#/worlds';
    void Promise.resolve(how).catch((error: unknown) => session.tell(`It goes on: ${wordsOf(error)}`));
  };
  return (
    <>
      <button type="button" title="Look away from it: it goes on, and is in the list of the server's worlds" onClick={() => done(session.leave())}>
        <span>
          Leave<span className="long"> it running</span>
        </span>
      </button>
      <button type="button" title="End this world, for everybody who watches it" onClick={() => done(session.end())}>
        <span>
          End<span className="long"> it</span>
        </span>
      </button>
    </>
  );
}

async function download(live: Live): Promise<void> {
  const bytes = await live.handle.ledger();
  const address = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/vnd.apache.arrow.file' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${live.description.name}-${live.description.seed}.arrow`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function Banners({ live }: { live: Live }): ReactNode {
  const { connection, error, missed, handle } = useLive(live);
  const overrides = Object.entries(handle.options.overrides ?? {});
  const { problem } = useSession();
  return (
    <div className="banners">
      {connection === 'lost' && (
        <p className="banner warn" role="status">
          The connection to the server is lost. The world goes on there; trying to reach it again…
        </p>
      )}
      {connection === 'locked' && (
        <p className="banner warn" role="alert">
          The server asks for a token before it shows more. The world goes on there.{' '}
          <button type="button" onClick={() => void token.ask(null)}>
            Enter a token
          </button>
        </p>
      )}
      {connection === 'gone' && (
        <p className="banner bad" role="alert">
          The server no longer has this world.{' '}
          <button type="button" onClick={() => void session.restart(false)}>
            Begin again
          </button>
        </p>
      )}
      {missed > 0 && connection === 'open' && (
        <p className="banner" role="status">
          {whole(missed)} {missed === 1 ? 'update was' : 'updates were'} missed, because the connection was slow or lost. What is shown is the latest; the ledger has every event.
          <button type="button" className="quiet tiny" aria-label="Dismiss" onClick={() => live.dismissGap()}>
            <Icon name="close" />
          </button>
        </p>
      )}
      {overrides.length > 0 && (
        <p className="banner" role="status">
          Set over the text, here and in a new world: {overrides.map(([key, value]) => `${key} = ${value}`).join(', ')}.{' '}
          <button type="button" title="Make a new world of the text alone" onClick={() => void session.dropOverrides()}>
            Only the text
          </button>
        </p>
      )}
      {problem !== null && (
        <p className="banner bad" role="alert">
          No new world: {problem}
        </p>
      )}
      {error !== null && (
        <p className="banner bad" role="alert">
          {error}{' '}
          <button type="button" className="quiet tiny" aria-label="Dismiss" onClick={() => live.dismissError()}>
            <Icon name="close" />
          </button>
        </p>
      )}
    </div>
  );
}
