import type { RateLimit } from '../options.js';

/** Takes a request in: 0 if it may pass, else the milliseconds until one may. */
export type RateGate = (nowMs: number) => number;

/** Lets at most `requests` pass in any window of `perMs`; what is turned away does not count. */
export function createRateGate(limit: RateLimit | null): RateGate {
  if (limit === null) return () => 0;
  const passed: number[] = [];
  return (nowMs) => {
    while (passed[0] !== undefined && passed[0] <= nowMs - limit.perMs) passed.shift();
    if (passed.length < limit.requests) {
      passed.push(nowMs);
      return 0;
    }
    return (passed[0] ?? nowMs) + limit.perMs - nowMs;
  };
}
