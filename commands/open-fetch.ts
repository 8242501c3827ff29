import type { Fetch } from '../src/effects.js';
import type { HttpFetch } from '../src/source/http.js';

/** More than any definition may ask for at once: the source keeps its own, lower bound. */
export const MAX_CONNECTIONS = 256;

export interface OpenFetch {
  readonly fetch: Fetch;
  close(): Promise<void>;
}

/** HTTP that loads its library at the first request, since most verbs make none. */
export function openFetch(): OpenFetch {
  let opened: Promise<HttpFetch> | null = null;
  const open = async (): Promise<HttpFetch> => {
    const { createFetch } = await import('../src/source/http.js');
    return createFetch({ connections: MAX_CONNECTIONS });
  };
  return {
    fetch: async (url, init) => {
      opened ??= open();
      return await (
        await opened
      )(url, init);
    },
    close: async () => {
      await (await opened)?.close();
    },
  };
}
