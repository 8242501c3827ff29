import { Worker } from 'node:worker_threads';
import { completeOptions, type EmbeddedOptions, type EmbeddedSettings } from './options.js';
import { attachServer, type EmbeddedServer } from './server-thread.js';

const HEAP_MB = 256;

/**
 * Starts the bundled server (people, bookings, a store) on 127.0.0.1, in a thread of its own so that it does not take turns with its client.
 * It stands until `close()`. Throws E_USAGE for options out of bounds, E_PORT when the port is taken, E_EMBEDDED when
 * the thread dies.
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const settings = completeOptions(options);
  return attachServer(spawnWorker(settings), settings.port);
}

function spawnWorker(settings: EmbeddedSettings): Worker {
  const script = import.meta.url.endsWith('.ts') ? './worker-from-source.mjs' : './worker.js';
  return new Worker(new URL(script, import.meta.url), {
    workerData: settings,
    execArgv: [],
    // Explicit: by default a worker sees the whole environment, keys included.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
}
