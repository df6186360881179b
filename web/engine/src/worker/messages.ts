/** What crosses the border between a page and the engine's worker. */

import type { Feed, Finding, Frame, Progress } from "../documents.js";
import { EngineError, type ErrorCode } from "../error.js";

/** A call: of the engine, or of the world of this number. */
export interface Call {
  id: number;
  world?: number;
  call: string;
  args: unknown[];
}

/** The page has shown what came of this world, and wants more. */
export interface Shown {
  shown: number;
}

/** What the page says. */
export type ToWorker = Call | Shown;

/** What is wrong, without its class, which does not cross. */
export interface Fault {
  code: ErrorCode;
  message: string;
  findings: Finding[];
}

/** What the worker says: answers to calls, and what happens by itself. */
export type ToPage =
  | { id: number; value: unknown }
  | { id: number; fault: Fault }
  | ({ world: number; what: "frame" } & Moved)
  | { world: number; what: "end"; progress: Progress }
  | { world: number; what: "error"; fault: Fault };

/** A world after something moved it. */
export interface Moved {
  frame: Frame;
  /** The latest rows since the frame before. */
  feed: Feed;
  /** What has come for each subscriber. */
  feeds: [subscriber: number, feed: Feed][];
}

export function toFault(error: unknown): Fault {
  if (error instanceof EngineError) {
    const { code, message, findings } = error;
    return { code, message, findings };
  }
  return { code: "unavailable", message: error instanceof Error ? error.message : String(error), findings: [] };
}

export function fromFault({ code, message, findings }: Fault): EngineError {
  return new EngineError(code, message, findings);
}
