import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface CanaryProxy {
  /** Origin that stands for the one behind it. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** A server that hands on what another says, with its own address in place of the other's, and changed bodies. */
export async function startCanaryProxy(
  origin: string,
  plant: (address: URL, body: string) => string,
): Promise<CanaryProxy> {
  const server = createServer((request, response) => {
    handOn(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function handOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = new URL(request.url ?? '/', origin);
    const { method = 'GET' } = request;
    const headers = Object.entries(request.headers).filter(([name]) => !/^(host|connection)$/.test(name));
    const answer = await fetch(address, {
      method,
      headers: headers.map(([name, value]) => [name, String(value)]),
      body: method === 'POST' ? await buffer(request) : null,
    });
    const text = await answer.text();
    const body = answer.ok ? plant(address, text).replaceAll(origin, url) : text;
    for (const name of ['content-type', 'link', 'retry-after']) {
      const value = answer.headers.get(name);
      if (value !== null) response.setHeader(name, value.replaceAll(origin, url));
    }
    response.writeHead(answer.status).end(body);
  }

  return {
    url,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
