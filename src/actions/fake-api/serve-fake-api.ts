import type { EmbeddedOptions } from '../../../fake-api/options.js';
import { startEmbedded } from '../../../fake-api/start.js';
import { LakeveilError } from '../../base/errors.js';

/** What `fake-api` prints when it is ready. */
export interface FakeApiDocument {
  readonly url: string;
  /** A sample request. */
  readonly example: string;
}

export interface FakeApi {
  readonly document: FakeApiDocument;
  /** Resolves when Ctrl-C has stopped the server. @throws E_TERMINATED, E_EMBEDDED */
  readonly stopped: () => Promise<void>;
}

/** Starts the embedded server, which runs until the signal is aborted. @throws E_USAGE, E_PORT, E_EMBEDDED */
export async function serveFakeApi(options: EmbeddedOptions, signal: AbortSignal): Promise<FakeApi> {
  const server = await startEmbedded(options);
  const example = `${server.url}/api/v2/persons?_quantity=2&_seed=1`;
  return {
    document: { url: server.url, example },
    stopped: async () => {
      try {
        await Promise.race([server.gone, untilAborted(signal)]);
      } finally {
        await server.close();
      }
      const reason: unknown = signal.reason;
      if (!(reason instanceof LakeveilError) || reason.code !== 'E_INTERRUPTED') throw reason;
    },
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
