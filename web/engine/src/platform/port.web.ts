/** The page, as a worker in a browser sees it. */

import type { Peer } from "./peer.js";

interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
  close(): void;
}

const scope = globalThis as unknown as WorkerScope;

export const port: Peer = {
  post: (message, transfer = []) => scope.postMessage(message, transfer),
  listen(onMessage) {
    scope.onmessage = (event) => onMessage(event.data);
  },
  close: () => scope.close(),
};
