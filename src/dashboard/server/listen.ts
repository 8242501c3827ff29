import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { failure, systemCode } from '../../base/errors.js';

const FIRST_PORT = 8501;
const TRIED_PORTS = 50;

/** Handles a request; `env` holds its connection. */
type Answer = (request: Request, env: object) => Response | Promise<Response>;

/** A bound port, before requests are answered. */
export interface Listening {
  readonly port: number;
  /** Starts to answer requests. */
  readonly answer: (fetch: Answer) => void;
  /** Also closes open connections: a view that follows a run would keep the server alive. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on the given port, or on the first free one from 8501 on.
 * @throws E_PORT; E_USAGE if the address does not belong to this machine
 */
export async function listen(hostname: string, port: number | null): Promise<Listening> {
  const ports =
    port === null ? Array.from({ length: TRIED_PORTS }, (_, index) => FIRST_PORT + index) : [port];
  for (const each of ports) {
    const listening = await tryPort(hostname, each);
    if (listening !== null) return listening;
  }
  throw failure('E_PORT', { port: port ?? FIRST_PORT });
}

async function tryPort(hostname: string, port: number): Promise<Listening | null> {
  let answer: Answer | null = null;
  // The library's own Request and Response replace Node's, which are half as fast.
  const server = createAdaptorServer({
    fetch: (request, env) => answer?.(request, env) ?? new Response(null, { status: 503 }),
  }) as Server;
  const problem = await new Promise<string | null>((resolve) => {
    server.once('error', (error) => {
      resolve(systemCode(error));
    });
    server.listen(port, hostname, () => {
      resolve(null);
    });
  });
  if (problem === 'EADDRINUSE') return null;
  if (problem !== null) throw describeListenError(problem);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    answer: (fetch) => {
      answer = fetch;
    },
    close: () => close(server),
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function describeListenError(kind: string) {
  const hint = 'use an address of this machine, such as 127.0.0.1';
  return failure('E_USAGE', { what: `the server cannot listen on that address (${kind})`, hint });
}
