import type { ServerResponse } from 'node:http';

/** What the server itself counted, by its own clock. */
export interface ServerStats {
  readonly requests: number;
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** By path without its query; paths that the API does not have count as `other`. */
  readonly perPath: ReadonlyMap<string, number>;
  /** The newest 10,000, in order of arrival. */
  readonly requestTimes: readonly RequestTime[];
}

export interface RequestTime {
  /** Since the server began to listen. */
  readonly atMs: number;
  /** Path and query. */
  readonly url: string;
}

export interface RequestLog {
  /** Counts a request in, and out again once its answer was handed over or its connection is gone. */
  readonly admit: (atMs: number, url: string, path: string, response: ServerResponse) => void;
  readonly read: () => ServerStats;
}

const KEPT_TIMES = 10_000;

export function createRequestLog(): RequestLog {
  const perPath = new Map<string, number>();
  const requestTimes: RequestTime[] = [];
  let requests = 0;
  let inFlight = 0;
  let peakInFlight = 0;
  return {
    admit(atMs, url, path, response) {
      requests += 1;
      inFlight += 1;
      peakInFlight = Math.max(peakInFlight, inFlight);
      perPath.set(path, (perPath.get(path) ?? 0) + 1);
      requestTimes.push({ atMs, url });
      if (requestTimes.length > KEPT_TIMES) requestTimes.shift();
      onceOver(response, () => {
        inFlight -= 1;
      });
    },
    read: () => ({ requests, inFlight, peakInFlight, perPath, requestTimes }),
  };
}

/** `finish` comes before the client can act on the last byte; `close` alone comes when nothing was finished. */
function onceOver(response: ServerResponse, act: () => void): void {
  let isOver = false;
  const settle = (): void => {
    if (!isOver) act();
    isOver = true;
  };
  response.once('finish', settle);
  response.once('close', settle);
}
