/** The worlds that are on the server, whoever made them: any tab can open one, and end it. */
import { useCallback, useEffect, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { whole } from '../format/number';
import { clock, speedName } from '../format/time';
import { useLocked, useServer, useSession } from '../shell/hooks';
import { Icon } from '../shell/icons';
import { LockedNote } from '../shell/LockedNote';
import { Problem } from '../shell/Problem';
import { worldAddress } from '../shell/routes';
import { session } from '../shell/session';
import { server, type WorldEntry } from '../world/server';

/** How often the list is asked for, in milliseconds. */
const ASK_EVERY = 2000;

function useWorlds(): { worlds: WorldEntry[] | null; problem: string | null; reload: () => void } {
  const [worlds, setWorlds] = useState<WorldEntry[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const isThere = useServer();
  const isLocked = useLocked();
  const reload = useCallback(() => {
    if (!isThere || isLocked || document.hidden) return;
    server.worlds().then(
      (found) => {
        setWorlds(found.sort((one, other) => titleOf(one).localeCompare(titleOf(other)) || one.id.localeCompare(other.id)));
        setProblem(null);
      },
      (error: unknown) => setProblem(wordsOf(error)),
    );
  }, [isThere, isLocked]);
  useEffect(() => {
    reload();
    const timer = setInterval(reload, ASK_EVERY);
    return () => clearInterval(timer);
  }, [reload]);
  return { worlds, problem, reload };
}

export function WorldsView(): ReactNode {
  const { worlds, problem, reload } = useWorlds();
  const isThere = useServer();
  const isLocked = useLocked();
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>Worlds on the server</h1>
          <p className="muted prose">
            A world goes on when its page is closed, and any tab can open it. It ends when somebody ends it, when the tab that made it begins another and nobody
            else watches, or when nobody has used it for a while.
          </p>
        </div>
      </header>
      <LockedNote />
      <Problem>{problem}</Problem>
      {isThere === false && <p className="empty">This page came from no server: its worlds run in the browser.</p>}
      {!isLocked && worlds?.length === 0 && (
        <div className="empty big">
          <p>No world is on the server. Choose “server” above, and open a scenario.</p>
          <a className="button" href="#/">
            To the gallery
          </a>
        </div>
      )}
      {!isLocked && worlds !== null && worlds.length > 0 && (
        <ul className="runs worlds" aria-label="Worlds on the server">
          {worlds.map((world) => (
            <WorldLine key={world.id} world={world} reload={reload} />
          ))}
        </ul>
      )}
    </div>
  );
}

function WorldLine({ world, reload }: { world: WorldEntry; reload: () => void }): ReactNode {
  const { live } = useSession();
  const [isEnding, setEnding] = useState(false);
  const isShown = live?.handle.id === world.id;
  const title = titleOf(world);
  const end = async (): Promise<void> => {
    setEnding(true);
    try {
      await (isShown ? session.end() : server.endWorld(world.id));
    } catch (error) {
      session.tell(`It goes on: ${wordsOf(error)}`);
    }
    setEnding(false);
    reload();
  };
  return (
    <li className={isShown ? 'run chosen' : 'run'}>
      <div className="run-text">
        <a className="run-name" href={worldAddress(world.id)}>
          {title}
        </a>
        <span className="muted">
          {world.name} · seed {world.seed}
          {world.replication > 0 ? ` · replication ${world.replication}` : ''} · <code>{world.id}</code>
        </span>
        {world.ended !== null && <span className="problem">Ended: {world.ended}</span>}
      </div>
      <span className={`phase ${world.playing ? 'running' : world.phase}`}>{standing(world)}</span>
      <span className="run-time">
        {clock(world.now_seconds, (world.until_seconds ?? 0) > 86_400)}
        {world.until_seconds !== null && <span className="muted"> of {clock(world.until_seconds, world.until_seconds > 86_400)}</span>}
      </span>
      <span className="run-watchers muted" title="Connections that watch it">
        <Icon name="eye" /> {whole(world.watchers)}
        <span className="unseen"> watching</span>
      </span>
      <div className="run-actions">
        <a className="button" href={worldAddress(world.id)} aria-label={`Open ${title}`}>
          Open
        </a>
        <button type="button" className="quiet" disabled={isEnding} aria-label={`End ${title}`} onClick={() => void end()}>
          End
        </button>
      </div>
    </li>
  );
}

function titleOf({ title, name }: WorldEntry): string {
  return title || name;
}

const PHASES = { new: 'not begun', ready: 'stands', paused: 'stands', finished: 'finished', failed: 'failed' };

function standing({ playing, phase, ended }: WorldEntry): string {
  if (ended !== null) return 'ended';
  return playing ? `plays ${speedName(playing.speed)}` : PHASES[phase];
}
