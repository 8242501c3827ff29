import { createServer } from 'node:http';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { startEmbedded } from '../../fake-api/start.js';

/** A source that answers once it is released, so that a run lasts as long as the test needs it. */
export interface HeldSource {
  /** What a dashboard is opened with, so that its runs read that source. */
  readonly opening: { readonly environment: Readonly<Record<string, string>> };
  readonly release: () => void;
  readonly close: () => Promise<void>;
}

/** The bundled server behind a door that is closed until `release`. */
export async function holdSource(): Promise<HeldSource> {
  const embedded = await startEmbedded({});
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const server = createServer((request, response) => {
    void held
      .then(() => fetch(new URL(request.url ?? '/', embedded.url)))
      .then(async (answer) => {
        const body = Buffer.from(await answer.arrayBuffer());
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        response.end(body);
      })
      .catch(() => response.destroy());
    void buffer(request).catch(() => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    opening: { environment: { FAKER_API_URL: `http://127.0.0.1:${port}` } },
    release: () => {
      release();
    },
    close: async () => {
      release();
      server.closeAllConnections();
      server.close();
      await embedded.close();
    },
  };
}
