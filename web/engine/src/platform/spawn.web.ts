/** Starts the engine's worker in a browser. */

import type { Peer } from "./peer.js";

export type { Peer } from "./peer.js";

export function spawn(): Peer {
  const worker = new Worker(new URL("../worker/main.js", import.meta.url), { type: "module" });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage, onFailure) {
      worker.onmessage = (event) => onMessage(event.data);
      worker.onerror = (event) => onFailure?.(event.message || "the worker's script cannot be loaded");
      worker.onmessageerror = () => onFailure?.("a message of the worker cannot be read");
    },
    close: () => worker.terminate(),
  };
}
