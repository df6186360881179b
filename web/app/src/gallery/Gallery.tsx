/** Scenarios to open, each with its story and a drawing of its flow: one's own, the page's and the server's. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { wordsOf } from '../format/error';
import { when } from '../runs/words';
import { Icon } from '../shell/icons';
import { Problem } from '../shell/Problem';
import { session } from '../shell/session';
import { describeScenario } from '../world/browser';
import type { Diagram, ScenarioText } from '../world/documents';
import { drafts, type DraftScenario } from './drafts';
import { readScenario } from './files';
import { Miniature } from './Miniature';
import { useOffered } from './offered';
import { BLANK, introduce, SAMPLES, type Sample } from './scenarios';

async function open(scenario: ScenarioText, draft: string | null = null): Promise<void> {
  location.hash = '#/world';
  await session.open(scenario, draft);
}

/** Keeps a scenario as one's own, and opens it. */
async function openOwn(scenario: ScenarioText): Promise<void> {
  const id = crypto.randomUUID();
  await drafts.put(id, scenario).catch((error: unknown) => session.tell(`It is not kept: ${wordsOf(error)}`));
  await open(scenario, id);
}

export function Gallery(): ReactNode {
  const [problem, setProblem] = useState<string | null>(null);
  const offered = useOffered();
  const take = (files: File[]): void => {
    if (files.length === 0) return;
    setProblem(null);
    readScenario(files).then(openOwn).catch((error: unknown) => setProblem(wordsOf(error)));
  };
  const isOver = useDrop(take);
  return (
    <div className="gallery">
      <header className="intro">
        <h1>Worlds to run, stop, rewind and change</h1>
        <p>
          Each of these is a file of a few lines. Open one, watch it run up to a million times faster than the clock, change a number, and compare. The
          engine runs in this page: the same seed gives the same events, here, on the server and on the command line.
        </p>
        <Actions take={take} />
        <Problem>{problem}</Problem>
      </header>
      <Yours />
      <section aria-labelledby="scenarios">
        <h2 id="scenarios">Scenarios</h2>
        <ul className="cards">
          {[...SAMPLES, ...offered].map((sample) => (
            <Card key={sample.scenario.name} sample={sample} kicker={offered.includes(sample) ? 'from the server' : null} />
          ))}
        </ul>
      </section>
      {isOver && (
        <div className="drop" aria-hidden="true">
          <p>Drop a scenario here, with the data files that it names</p>
        </div>
      )}
    </div>
  );
}

/** Takes files that are dropped anywhere onto the page; whether some are over it now. */
function useDrop(take: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const taken = useRef(take);
  taken.current = take;
  useEffect(() => {
    // Entering a child comes before leaving its parent: the page is left when as many were left as entered.
    let depth = 0;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const listen: Record<'dragenter' | 'dragover' | 'dragleave' | 'drop', (event: DragEvent) => void> = {
      dragenter: (event) => {
        if (hasFiles(event)) setOver(++depth > 0);
      },
      dragover: (event) => {
        if (hasFiles(event)) event.preventDefault();
      },
      dragleave: (event) => {
        if (hasFiles(event)) setOver((depth = Math.max(0, depth - 1)) > 0);
      },
      drop: (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver((depth = 0) > 0);
        taken.current([...(event.dataTransfer?.files ?? [])]);
      },
    };
    const each = Object.entries(listen) as [keyof typeof listen, (event: DragEvent) => void][];
    for (const [type, heard] of each) addEventListener(type, heard);
    return () => {
      for (const [type, heard] of each) removeEventListener(type, heard);
    };
  }, []);
  return isOver;
}

/** So many of one's own are shown at once; a button shows the others. */
const OWN_SHOWN = 6;

function Yours(): ReactNode {
  const [own, setOwn] = useState<DraftScenario[]>([]);
  const [isWhole, setWhole] = useState(false);
  useEffect(() => {
    let isHere = true;
    // Where nothing can be kept there is nothing to show.
    const load = (): void => void drafts.all().then((found) => isHere && setOwn(found), () => undefined);
    load();
    const stop = drafts.subscribe(load);
    return () => {
      isHere = false;
      stop();
    };
  }, []);
  if (own.length === 0) return null;
  const shown = isWhole ? own : own.slice(0, OWN_SHOWN);
  return (
    <section aria-labelledby="yours">
      <h2 id="yours">Yours</h2>
      <ul className="cards">
        {shown.map((draft) => (
          <OwnCard key={draft.id} draft={draft} />
        ))}
      </ul>
      {shown.length < own.length && (
        <button type="button" className="more-charts" onClick={() => setWhole(true)}>
          Show {own.length - shown.length} more
        </button>
      )}
    </section>
  );
}

function OwnCard({ draft: { id, scenario, changed_at } }: { draft: DraftScenario }): ReactNode {
  const sample = useMemo(() => introduce(scenario), [scenario]);
  const remove = (): void => {
    void drafts.delete(id).then(
      () => session.tell(`“${sample.title}” is deleted`, { label: 'Undo', act: () => void drafts.put(id, scenario) }),
      (error: unknown) => session.tell(wordsOf(error)),
    );
  };
  return (
    <Card sample={sample} kicker={`changed ${when(changed_at)}`} draft={id}>
      <button type="button" className="quiet square card-action" aria-label={`Delete ${sample.title}`} onClick={remove}>
        <Icon name="trash" />
      </button>
    </Card>
  );
}

function Card({ sample, kicker, draft = null, children }: { sample: Sample; kicker: string | null; draft?: string | null; children?: ReactNode }): ReactNode {
  const { scenario, title, kind, summary, story } = sample;
  const id = `card-${draft ?? scenario.name}`;
  return (
    <li className="card" aria-labelledby={id}>
      <Drawing scenario={scenario} />
      <div className="card-text">
        <p className="kicker">{[kind, scenario.name.replace(/\.(toml|json)$/, ''), kicker].filter(Boolean).join(' · ')}</p>
        <h3 id={id}>
          <a
            href="#/world"
            aria-label={`${draft === null ? 'Open' : 'Go on with'} ${title}`}
            onClick={(event) => {
              event.preventDefault();
              void open(scenario, draft);
            }}
          >
            {title}
          </a>
        </h3>
        <p>{withCode(summary)}</p>
        {draft === null && story[0] !== undefined && <p className="more">{withCode(story[0])}</p>}
      </div>
      {children}
    </li>
  );
}

/** Text in which `backticks` mark what is written to the letter. */
function withCode(text: string): ReactNode[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}

const drawings = new Map<string, Promise<Diagram | null>>();

/** The diagram of a scenario; asked for once. */
function diagramOf(scenario: ScenarioText): Promise<Diagram | null> {
  const known = drawings.get(scenario.text);
  if (known) return known;
  // A scenario with errors has no drawing; the editor says why.
  const asked = describeScenario(scenario).then(({ diagram }) => diagram, () => null);
  drawings.set(scenario.text, asked);
  return asked;
}

function Drawing({ scenario }: { scenario: ScenarioText }): ReactNode {
  const [diagram, setDiagram] = useState<Diagram | null>(null);
  useEffect(() => {
    let isHere = true;
    void diagramOf(scenario).then((found) => isHere && setDiagram(found));
    return () => {
      isHere = false;
    };
  }, [scenario]);
  const drawing = useMemo(() => diagram && <Miniature diagram={diagram} />, [diagram]);
  return <div className="drawing">{drawing}</div>;
}

function Actions({ take }: { take: (files: File[]) => void }): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="actions">
      <button type="button" className="primary" onClick={() => void open(BLANK)}>
        New world
      </button>
      <button type="button" onClick={() => input.current?.click()}>
        Open a file…
      </button>
      <span className="muted hint">or drop one onto this page</span>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept=".toml,.json,.csv,.parquet"
        aria-label="Scenario files"
        onChange={(event) => {
          take([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}
