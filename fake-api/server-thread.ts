import { once } from 'node:events';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { failure, type LakeveilError } from '../src/base/errors.js';
import type { StatsRequest, WorkerMessage } from './server/messages.js';
import type { ServerStats } from './server/request-log.js';

export interface EmbeddedServer {
  /** Origin, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Rejects with E_EMBEDDED once the server is gone, by itself or by `close()`; for racing work against it. */
  readonly gone: Promise<never>;
  readonly stats: () => Promise<ServerStats>;
  /** Ends the thread and every connection; twice is as good as once. */
  readonly close: () => Promise<void>;
}

/** Waits for a worker to listen; ends it and throws E_PORT or E_EMBEDDED when it does not. */
export async function attachServer(worker: Worker, askedPort: number): Promise<EmbeddedServer> {
  const gone = watchEnd(worker);
  const close = async (): Promise<void> => {
    await worker.terminate();
  };
  try {
    const port = await Promise.race([awaitListening(worker, askedPort), gone]);
    return {
      url: `http://127.0.0.1:${port}`,
      gone,
      stats: () => Promise.race([askStats(worker), gone]),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function watchEnd(worker: Worker): Promise<never> {
  const gone = new Promise<never>((_, reject) => {
    worker.once('error', (error: NodeJS.ErrnoException) => {
      reject(describeEnd(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : 'a defect'));
    });
    worker.once('exit', () => {
      reject(describeEnd('its thread ended'));
    });
  });
  // Whoever does not race against it has not failed to handle it.
  gone.catch(() => undefined);
  return gone;
}

function describeEnd(kind: string): LakeveilError {
  return failure('E_EMBEDDED', { kind });
}

function awaitListening(worker: Worker, askedPort: number): Promise<number> {
  return new Promise((resolve, reject) => {
    worker.once('message', (message: WorkerMessage) => {
      if (message.kind === 'listening') resolve(message.port);
      else if (message.isTaken) reject(failure('E_PORT', { port: askedPort }));
      else reject(describeEnd('it may not listen there'));
    });
  });
}

async function askStats(worker: Worker): Promise<ServerStats> {
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ reply: port2 } satisfies StatsRequest, [port2]);
  const [stats] = (await once(port1, 'message')) as [ServerStats];
  return stats;
}
