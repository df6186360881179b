/** Starts the engine's worker in Node, as a thread. */

import { Worker } from "node:worker_threads";

import type { Peer } from "./peer.js";

export type { Peer } from "./peer.js";

export function spawn(): Peer {
  const worker = new Worker(new URL("../worker/main.js", import.meta.url));
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage, onFailure) {
      worker.on("message", onMessage);
      worker.on("error", (error: unknown) => onFailure?.(String(error)));
      worker.on("exit", () => onFailure?.("the worker has ended"));
    },
    close: () => void worker.terminate(),
  };
}
