import type { Effects } from '../base/effects.js';
import type { SourceDefinition } from '../base/types/definition.js';

/** Waits until one more request may be sent; rejects when the signal is aborted. */
export type Pace = (signal: AbortSignal) => Promise<void>;

/**
 * A rate limit that all requests of a run share, retries and redirects too: never more than `requests` sent in any
 * `perMs` by the clock of `effects`. The span is held a little longer (a tenth, at most 250 ms), because the network
 * brings requests closer together than they were sent, and it is the server's clock that counts.
 */
export function createPace(
  limit: SourceDefinition['rateLimit'],
  effects: Pick<Effects, 'now' | 'sleep'>,
): Pace {
  if (limit === null) return () => Promise.resolve();
  const spanMs = limit.perMs + Math.min(limit.perMs / 10, 250);
  /** When the latest requests were due, the oldest at `oldest`. */
  const dueMs: number[] = [];
  let oldest = 0;
  return async (signal) => {
    const nowMs = effects.now().getTime();
    const full = dueMs.length === limit.requests;
    const slotMs = full ? Math.max(nowMs, (dueMs[oldest] ?? 0) + spanMs) : nowMs;
    dueMs[oldest] = slotMs;
    oldest = (oldest + 1) % limit.requests;
    if (slotMs > nowMs) await effects.sleep(slotMs - nowMs, signal);
  };
}
