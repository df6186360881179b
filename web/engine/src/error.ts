/** What goes wrong, with a word that programs can go by. */

import type { Finding } from "./documents.js";

/**
 * - `bad_scenario`: the scenario is none; `findings` say why and where.
 * - `bad_request`: an argument makes no sense.
 * - `wrong_phase`, `no_checkpoint`, `bad_snapshot`: the world cannot do that now; it is as it was.
 * - `ledger_failed`: the ledger cannot be had.
 * - `too_large`: an answer of more than 2 GB.
 * - `run_failed`: the run ended; state and ledger can still be read.
 * - `defect`: a defect in the program ended this world, and no other; it can only be freed.
 * - `freed`: the world, or the worker that it lived in, is gone.
 * - `unavailable`: the engine itself could not be loaded.
 */
export type ErrorCode =
  | "bad_scenario"
  | "bad_request"
  | "wrong_phase"
  | "no_checkpoint"
  | "bad_snapshot"
  | "ledger_failed"
  | "too_large"
  | "run_failed"
  | "defect"
  | "freed"
  | "unavailable";

/** Why a call has no answer. */
export class EngineError extends Error {
  override readonly name = "EngineError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    /** What is wrong with the scenario, for `bad_scenario`. */
    readonly findings: Finding[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
