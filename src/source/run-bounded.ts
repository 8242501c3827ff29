import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { failure } from '../base/errors.js';

export interface BoundedWork<T extends { readonly index: number }> {
  /** The next item that may start now; null if none may before another one is done. Indexes rise by one. */
  readonly next: () => T | null;
  readonly run: (item: T, signal: AbortSignal) => Promise<void>;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/**
 * Runs items, at most `concurrency` at once, until none is left and none runs. An item starts only while its distance
 * to the oldest unfinished one is within 2 × `concurrency`, so that those who need order hold few. The first failure
 * aborts the signal of the others and is thrown once all of them have settled; an aborted `signal` is E_INTERRUPTED.
 */
export async function runBounded<T extends { readonly index: number }>(work: BoundedWork<T>): Promise<void> {
  const stop = new AbortController();
  // Each item listens: Node warns of a leak from the eleventh on.
  setMaxListeners(0, stop.signal);
  const failures: Error[] = [];
  const fail = (error: unknown): void => {
    failures.push(error instanceof Error ? error : failure('E_DEFECT', { name: typeof error, at: '' }));
    stop.abort();
  };
  const interrupt = (): void => {
    fail(failure('E_INTERRUPTED', {}));
  };
  work.signal.addEventListener('abort', interrupt, { once: true });
  if (work.signal.aborted) interrupt();
  try {
    await runUntilStopped(work, stop.signal, fail);
  } finally {
    work.signal.removeEventListener('abort', interrupt);
  }
  const [first] = failures;
  if (first !== undefined) throw first;
}

async function runUntilStopped<T extends { readonly index: number }>(
  work: BoundedWork<T>,
  stop: AbortSignal,
  fail: (error: unknown) => void,
): Promise<void> {
  const limit = pLimit(work.concurrency);
  /** In order of start, which is the order of index. */
  const running = new Map<number, Promise<void>>();
  let latest = -1;
  const mayStart = (): boolean => {
    const [oldest = latest + 1] = running.keys();
    return !stop.aborted && running.size < work.concurrency && latest + 1 - oldest <= 2 * work.concurrency;
  };
  const start = (item: T): void => {
    latest = item.index;
    const done = limit(work.run, item, stop).catch(fail);
    running.set(
      item.index,
      done.finally(() => running.delete(item.index)),
    );
  };
  for (;;) {
    try {
      for (let item = nextIf(mayStart, work); item !== null; item = nextIf(mayStart, work)) start(item);
    } catch (error) {
      fail(error);
    }
    if (running.size === 0) return;
    await Promise.race(running.values());
  }
}

function nextIf<T extends { readonly index: number }>(
  mayStart: () => boolean,
  work: BoundedWork<T>,
): T | null {
  return mayStart() ? work.next() : null;
}
