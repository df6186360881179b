/** The other side of a worker's border, whatever makes the worker. */

export interface Peer {
  /** Sends a message; what is in `transfer` moves over instead of being copied. */
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  /** Has `onMessage` called with what comes, and `onFailure` when the other side is no more. */
  listen(onMessage: (message: unknown) => void, onFailure?: (why: string) => void): void;
  /** Ends the other side. */
  close(): void;
}
