/** What a caller asks for, in the words of the module. */

import type { ScenarioText, WorldOptions } from "./documents.js";
import { EngineError } from "./error.js";
import type { Instance } from "./instance.js";

const encoder = new TextEncoder();

/** Hands over the scenario's files, and says the rest as the words of a request. */
export function request(
  instance: Instance,
  scenario: ScenarioText,
  options: WorldOptions & { replications?: number } = {},
): string {
  for (const [path, content] of Object.entries(scenario.files ?? {})) {
    const name = encoder.encode(path);
    const words = new Uint8Array(name.length + content.length);
    words.set(name);
    words.set(content, name.length);
    instance.bytes("give_file", words, name.length);
  }
  return JSON.stringify({
    name: scenario.name,
    text: scenario.text,
    overrides: Object.entries(options.overrides ?? {}).map(([key, value]) => [key, String(value)]),
    seed: whole("seed", options.seed),
    replication: whole("replication", options.replication),
    replications: options.replications,
    keep_ledger: options.keepLedger,
  });
}

/** A whole number in decimal: JSON's numbers do not hold every seed. */
function whole(name: string, value: number | bigint | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new EngineError("bad_request", `\`${name}\` is ${value}, expected a whole number; beyond 2⁵³ as a BigInt`);
  }
  return String(value);
}
