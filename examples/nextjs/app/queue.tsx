"use client";

/** Runs a scenario in a worker, and shows how far it is and what it came to. */
import type { Frame, Results, ScenarioText } from "@pluriverse/engine";
import { load } from "@pluriverse/engine/worker";
import { useEffect, useState } from "react";

export function Queue({ scenario }: { scenario: ScenarioText }) {
  const [frame, setFrame] = useState<Frame>();
  const [results, setResults] = useState<Results>();
  const [problem, setProblem] = useState<string>();

  useEffect(() => {
    const loading = load();
    async function run() {
      const engine = await loading;
      const world = await engine.world(scenario);
      world.on("frame", (moved) => setFrame(moved.frame));
      await world.run();
      setResults(await world.results());
    }
    run().catch((error: Error) => setProblem(error.message));
    // React calls this twice in development: a worker that is closed early says so to nobody.
    return () => void loading.then((engine) => engine.close()).catch(() => {});
  }, [scenario]);

  if (problem !== undefined) return <p id="problem" role="alert">{problem}</p>;
  if (results === undefined) return <p>{frame?.events.toLocaleString("en") ?? "no"} events so far</p>;
  return (
    <dl>
      <dt>Events</dt>
      <dd>{results.events.toLocaleString("en")}</dd>
      <dt>Mean wait</dt>
      <dd>{results.metrics["barber.wait"]?.mean?.toFixed(1)} s</dd>
      <dt>Ledger</dt>
      <dd>
        <code id="hash">{results.ledger_hash}</code>
      </dd>
    </dl>
  );
}
