import type { MessagePort } from 'node:worker_threads';

/** What the worker says once: that it listens, or why it cannot. */
export type WorkerMessage =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'refused'; readonly isTaken: boolean };

/** Asks the worker for its `ServerStats`, which it sends through `reply`. */
export interface StatsRequest {
  readonly reply: MessagePort;
}
