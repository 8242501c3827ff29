import { Agent } from 'undici';
import type { Fetch } from '../base/effects.js';

export interface HttpOptions {
  /** Connections to one origin at most; further requests wait for one. */
  readonly connections: number;
}

export type HttpFetch = Fetch & {
  /** Ends every connection, those in use too. */
  readonly close: () => Promise<void>;
};

/**
 * The `Fetch` of a real run, over undici. Bodies stream as they came over the wire, redirects are answers like any
 * other, and the only timeout is that of the signal handed in. Errors are undici's own: the source translates them.
 */
export function createFetch(options: HttpOptions): HttpFetch {
  const agent = new Agent({
    connections: options.connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const fetch: Fetch = async (url, init) => {
    const { statusCode, headers, body } = await agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: init.method,
      headers: { ...init.headers },
      body: init.body ?? null,
      signal: init.signal,
    });
    // A body that is given up fails with an 'error' event; without a listener that would end the process.
    body.on('error', () => undefined);
    return { status: statusCode, headers, body, discard: () => void body.destroy() };
  };
  return Object.assign(fetch, { close: () => agent.destroy() });
}
