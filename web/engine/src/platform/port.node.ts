/** The thread that started it, as a worker in Node sees it. */

import { parentPort } from "node:worker_threads";

import type { Peer } from "./peer.js";

export const port: Peer = {
  post: (message, transfer = []) => parentPort?.postMessage(message, transfer),
  listen(onMessage) {
    parentPort?.on("message", onMessage);
  },
  close: () => parentPort?.close(),
};
