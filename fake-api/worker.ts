import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import type { EmbeddedSettings } from './options.js';
import { DEFAULT_LOCALE, loadVocabulary } from './persons/vocabulary.js';
import { createApiServer } from './server.js';
import type { StatsRequest, WorkerMessage } from './server/messages.js';

/** Runs in a worker thread, started by `startEmbedded` with complete settings as its data. */
async function serve(settings: EmbeddedSettings): Promise<void> {
  const { server, readStats } = createApiServer(settings);
  await loadVocabulary(DEFAULT_LOCALE);
  parentPort?.on('message', ({ reply }: StatsRequest) => {
    reply.postMessage(readStats());
    reply.close();
  });
  server.once('error', (error: NodeJS.ErrnoException) => {
    tell({ kind: 'refused', isTaken: error.code === 'EADDRINUSE' });
  });
  server.listen(settings.port, '127.0.0.1', () => {
    const address = server.address();
    if (isBound(address)) tell({ kind: 'listening', port: address.port });
  });
}

function isBound(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function tell(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

await serve(workerData as EmbeddedSettings);
