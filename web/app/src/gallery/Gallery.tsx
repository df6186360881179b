/** Scenarios to open, each with its story and a drawing of its flow. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { session } from '../shell/session';
import { settings } from '../shell/settings';
import { describeScenario } from '../world/browser';
import type { Diagram, ScenarioText } from '../world/documents';
import { Miniature } from './Miniature';
import { BLANK, introduce, SAMPLES, type Sample } from './scenarios';

async function open(scenario: ScenarioText): Promise<void> {
  location.hash = '#/world';
  await session.open(scenario);
}

export function Gallery(): ReactNode {
  const recent = settings.get().open;
  const isOwn = recent !== null && !SAMPLES.some(({ scenario }) => scenario.text === recent.text);
  return (
    <div className="gallery">
      <header className="intro">
        <h1>Worlds to run, stop, rewind and change</h1>
        <p>
          Each of these is a file of a few lines. Open one, watch it run up to a million times faster than the clock, change a number, and compare. The
          engine runs in this page: the same seed gives the same events, here, on the server and on the command line.
        </p>
        <OpenFile />
      </header>
      {isOwn && recent && (
        <section aria-labelledby="yours">
          <h2 id="yours">Yours</h2>
          <ul className="cards">
            <Card sample={introduce(recent)} verb="Go on with" />
          </ul>
        </section>
      )}
      <section aria-labelledby="scenarios">
        <h2 id="scenarios">Scenarios</h2>
        <ul className="cards">
          {SAMPLES.map((sample) => (
            <Card key={sample.scenario.name} sample={sample} verb="Open" />
          ))}
        </ul>
      </section>
    </div>
  );
}

function Card({ sample, verb }: { sample: Sample; verb: string }): ReactNode {
  const { scenario, title, kind, summary, story } = sample;
  const id = `card-${verb.length}-${scenario.name}`;
  return (
    <li className="card" aria-labelledby={id}>
      <Drawing scenario={scenario} />
      <div className="card-text">
        <p className="kicker">
          {kind} · {scenario.name.replace(/\.(toml|json)$/, '')}
        </p>
        <h3 id={id}>
          <a
            href="#/world"
            aria-label={`${verb} ${title}`}
            onClick={(event) => {
              event.preventDefault();
              void open(scenario);
            }}
          >
            {title}
          </a>
        </h3>
        <p>{summary}</p>
        {story[0] !== undefined && <p className="more">{story[0]}</p>}
      </div>
    </li>
  );
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

function OpenFile(): ReactNode {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (list: FileList | null): Promise<void> => {
    const files = [...(list ?? [])];
    const main = files.find(({ name }) => /\.(toml|json)$/.test(name));
    if (!main) {
      if (files.length > 0) setProblem('Choose a scenario (.toml or .json), and with it the data files that it names.');
      return;
    }
    setProblem(null);
    const others = await Promise.all(files.filter((file) => file !== main).map(async (file) => [file.name, new Uint8Array(await file.arrayBuffer())] as const));
    await open({ name: main.name, text: await main.text(), files: Object.fromEntries(others) });
  };
  return (
    <div className="actions">
      <button type="button" className="primary" onClick={() => void open(BLANK)}>
        New world
      </button>
      <button type="button" onClick={() => input.current?.click()}>
        Open a file…
      </button>
      <input ref={input} type="file" multiple hidden accept=".toml,.json,.csv,.parquet" aria-label="Scenario files" onChange={(event) => void read(event.target.files)} />
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
