/** The worker's program: an engine that answers what the page asks. */

import { port } from "#port";

import type { RunOptions, ScenarioText, WorldOptions } from "../documents.js";
import type { Engine } from "../engine.js";
import { EngineError } from "../error.js";
import { load, type LoadOptions } from "../index.js";
import type { World } from "../world.js";
import { toFault, type Call, type ToPage, type ToWorker } from "./messages.js";
import { Resident } from "./resident.js";

const residents = new Map<number, Resident>();
let engine: Promise<Engine> | undefined;
let worlds = 0;

function say(message: ToPage, transfer: ArrayBuffer[] = []): void {
  port.post(message, transfer);
}

function settle(world: World): number {
  const number = worlds;
  worlds += 1;
  const page = {
    frame: (moved) => say({ world: number, what: "frame", ...moved }),
    end: (progress) => say({ world: number, what: "end", progress }),
    error: (fault) => say({ world: number, what: "error", fault }),
  } satisfies ConstructorParameters<typeof Resident>[1];
  residents.set(number, new Resident(world, page));
  return number;
}

/** Calls of the engine; `load` comes first. */
const engineCalls = {
  async load(options: LoadOptions) {
    engine = load(options);
    const { version, revision } = await engine;
    return { version, revision };
  },
  kinds: async () => (await loaded()).kinds(),
  schema: async (kind: string) => (await loaded()).schema(kind),
  check: async (scenario: ScenarioText, options: RunOptions) => (await loaded()).check(scenario, options),
  run: async (scenario: ScenarioText, options: RunOptions) => (await loaded()).run(scenario, options),
  world: async (scenario: ScenarioText, options: WorldOptions) => settle((await loaded()).world(scenario, options)),
};

/** Calls of a world. */
const worldCalls = {
  describe: ({ world }: Resident) => world.describe(),
  frame: ({ world }: Resident) => world.frame(),
  feed: ({ world }: Resident, limit: number) => world.feed(limit),
  causes: ({ world }: Resident, row: number) => world.causes(row),
  results: ({ world }: Resident) => world.results(),
  start: (resident: Resident) => resident.move((world) => world.start()),
  step: (resident: Resident) => resident.move((world) => world.step()),
  run: (resident: Resident, maxEvents: number) => resident.run(Infinity, maxEvents),
  runUntil: (resident: Resident, seconds: number, maxEvents: number) => resident.run(seconds, maxEvents),
  play: (resident: Resident, speed: number | null) => resident.play(speed),
  stopPlaying: (resident: Resident) => resident.stopPlaying(),
  pause: (resident: Resident) => resident.move((world) => world.pause()),
  resume: (resident: Resident) => resident.move((world) => world.resume()),
  seek: (resident: Resident, seconds: number) => resident.move((world) => world.seek(seconds)),
  snapshot: ({ world }: Resident) => world.snapshot(),
  restore: (resident: Resident, snapshot: Uint8Array) => resident.move((world) => world.restore(snapshot)),
  branch: ({ world }: Resident) => settle(world.branch()),
  ledgerHash: ({ world }: Resident) => world.ledgerHash(),
  ledger: ({ world }: Resident) => world.ledger(),
  subscribe: (resident: Resident, kinds: string[] | null) => resident.subscribe(kinds),
  unsubscribe: (resident: Resident, number: number) => resident.unsubscribe(number),
};

/** Names of a world's calls. */
export type WorldCall = keyof typeof worldCalls | "free";

function loaded(): Promise<Engine> {
  if (engine === undefined) throw new EngineError("unavailable", "the engine has not been loaded");
  return engine;
}

function answer({ world, call, args }: Call): unknown {
  if (world === undefined) {
    return (engineCalls[call as keyof typeof engineCalls] as (...args: unknown[]) => unknown)(...args);
  }
  const resident = residents.get(world);
  if (resident === undefined) throw new EngineError("freed", "the world has been freed");
  if (call === "free") {
    residents.delete(world);
    resident.free();
    return undefined;
  }
  return (worldCalls[call as keyof typeof worldCalls] as (...args: unknown[]) => unknown)(resident, ...args);
}

async function hear(message: ToWorker): Promise<void> {
  if ("shown" in message) {
    residents.get(message.shown)?.shown();
    return;
  }
  try {
    const value = await answer(message);
    say({ id: message.id, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
  } catch (error) {
    say({ id: message.id, fault: toFault(error) });
  }
}

port.listen((message) => void hear(message as ToWorker));
