/** The web app's client against a server that is mounted in another app, below a prefix, which asks for a token. */
import { afterEach, beforeAll, expect, test } from 'vitest';
import type { ServerWorld, server as Server } from '../../app/src/world/server';
import { token } from '../../app/src/world/token';
import type { WorldEvent, WorldHandle } from '../../app/src/world/handle';

const DESK = `
kind = "process"
[run]
until = "8h"
[sources.people]
arrivals = { poisson = { rate = "0.9/min" } }
[stations.desk]
agents = 1
service = { exponential = { mean = "1m" } }
patience = { exponential = { mean = "10m" } }
`;

let server: typeof Server;
let open: WorldHandle[] = [];

beforeAll(async () => {
  const address = process.env['PLURIVERSE_MOUNTED'];
  if (address === undefined) throw new Error('PLURIVERSE_MOUNTED names no app: `cargo xtask test python` starts one and runs these tests');
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) };
  // What the client asks of a page.
  Object.assign(globalThis, { document: { baseURI: address }, window: globalThis, sessionStorage: storage, localStorage: storage, matchMedia: () => new EventTarget() });
  ({ server } = await import('../../app/src/world/server'));
});

afterEach(async () => {
  for (const world of open) await world.end();
  open = [];
});

async function desk(): Promise<ServerWorld> {
  const world = await server.world({ name: 'desk.toml', text: DESK, files: {} }, { seed: 7 });
  open.push(world);
  return world;
}

/** Everything that is heard of a world until `isEnough`. */
function heard(world: WorldHandle, isEnough: (event: WorldEvent) => boolean): Promise<WorldEvent[]> {
  return new Promise((resolve) => {
    const events: WorldEvent[] = [];
    const stop = world.listen((event) => {
      events.push(event);
      if (isEnough(event)) (stop(), resolve(events));
    });
  });
}

const isFinished = (event: WorldEvent): boolean => event.type === 'frame' && event.frame.phase === 'finished';

test('whoever has no token is asked for one', async () => {
  expect(await server.ask()).toBe(true);
  const asked = server.runs();
  await expect.poll(() => token.question()).not.toBeNull();
  token.give('secret', 'page');
  expect(await asked).toEqual([]);
  expect(server.isLocked()).toBe(false);
});

test('a world plays to its end, and its ledger is handed over and read again', async () => {
  const world = await desk();
  const finished = heard(world, isFinished);
  await world.play(null);
  await finished;
  const results = await world.results();
  expect(results.ledger_hash).toMatch(/^[0-9a-f]{64}$/);
  const taken = await server.ingest(await world.ledger());
  expect(taken.hash).toBe(results.ledger_hash);
  const [run] = await server.runs();
  expect(run).toMatchObject({ id: taken.run, ledger_hash: results.ledger_hash });
  await server.deleteRun(run!.id);
  expect(await server.runs()).toEqual([]);
});

test('a watcher whose connection is lost goes on where it was, and another sees the same world', async () => {
  const world = await desk();
  const first = heard(world, (event) => event.type === 'frame');
  await first;
  const events = heard(world, isFinished);
  (world as unknown as { socket: WebSocket }).socket.close();
  const other = await server.attach(world.id);
  await other.seek(8 * 3600);
  await other.play(null);
  const kinds = (await events).map((event) => (event.type === 'connection' ? event.state : event.type));
  expect(kinds).toContain('lost');
  expect(kinds).toContain('open');
  expect(kinds).not.toContain('gap');
  expect((await world.results()).ledger_hash).toBe((await other.results()).ledger_hash);
  other.leave();
});

test('what the server refuses comes in its words', async () => {
  await expect(server.world({ name: 'x.toml', text: 'kind = "proces"', files: {} }, {})).rejects.toThrow(/proces/);
});
