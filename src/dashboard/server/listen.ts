import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { failure, systemCode } from '../../base/errors.js';

const FIRST_PORT = 8501;
const TRIED_PORTS = 50;

/** Answers a request; `env` holds the connection that it came on. */
type Answer = (request: Request, env: object) => Response | Promise<Response>;

/** An address that is held, before anybody is answered. */
export interface Listening {
  readonly port: number;
  /** From here on requests are answered. */
  readonly answer: (fetch: Answer) => void;
  /** Ends what is open, too: a page that follows a run would keep the server up. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on the port that is asked for, or on the first free one from 8501 on.
 * @throws E_PORT, E_USAGE if the address is none of this machine
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
  // The library's own Request and Response take the place of Node's: with those, an answer costs twice as much.
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
  if (problem !== null) throw refuse(problem);
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

function refuse(kind: string) {
  const hint = 'give an address of this machine, such as 127.0.0.1';
  return failure('E_USAGE', { what: `the server cannot listen there (${kind})`, hint });
}
