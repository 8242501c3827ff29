import { createServer, type ServerResponse } from 'node:http';
import { failure, systemCode } from '../../base/errors.js';
import { formatJson } from '../../base/text/json.js';
import { METRICS_TYPE } from '../metrics/gather-metrics.js';
import type { PipelineState } from './scheduler.js';

/** What `/healthz` says: names of definitions, dates, numbers and codes of errors, never a value. */
export interface Health {
  /** `failing` if the last run of a pipeline failed; `stopping` while runs in progress end. */
  readonly status: 'ok' | 'failing' | 'stopping';
  readonly now: string;
  readonly started_at: string;
  readonly pipelines: readonly PipelineState[];
}

/** Pure. */
export function describeHealth(
  pipelines: readonly PipelineState[],
  { now, startedAt, isStopping }: { now: Date; startedAt: Date; isStopping: boolean },
): Health {
  const hasFailed = pipelines.some(({ last }) => last?.status === 'failed' || last?.status === 'interrupted');
  const status = isStopping ? 'stopping' : hasFailed ? 'failing' : 'ok';
  return { status, now: now.toISOString(), started_at: startedAt.toISOString(), pipelines };
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const LOCAL_HOST = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?$/;

/** A server of health and metrics alone. */
export interface HealthServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Answers `GET /metrics`, and `GET /healthz`: 200 as long as the scheduler does its work, also if runs fail, since to start it again would
 * not help; 503 while it stops.
 * @throws E_PORT; E_USAGE if the address does not belong to this machine
 */
export async function serveHealth(
  { host, port }: { readonly host: string; readonly port: number },
  read: () => Health,
  metrics: () => Promise<string>,
): Promise<HealthServer> {
  // Another name is one that was rebound to this machine, by a page in someone's browser.
  const isLocal = LOOPBACK.includes(host);
  const server = createServer((request, response) => {
    if (isLocal && !LOCAL_HOST.test(request.headers.host ?? '')) return response.writeHead(421).end();
    if (request.method !== 'GET' && request.method !== 'HEAD') return response.writeHead(405).end();
    if (request.url === '/metrics') {
      sendMetrics(response, metrics);
      return;
    }
    if (request.url !== '/healthz') return response.writeHead(404).end();
    const health = read();
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    response.writeHead(health.status === 'stopping' ? 503 : 200, headers);
    return response.end(`${formatJson(health)}\n`);
  });
  server.requestTimeout = 10_000;
  const problem = await new Promise<string | null>((resolve) => {
    server.once('error', (error) => {
      resolve(systemCode(error));
    });
    server.listen(port, host, () => {
      resolve(null);
    });
  });
  if (problem === 'EADDRINUSE') throw failure('E_PORT', { port });
  if (problem !== null) {
    const hint = 'use an address of this machine, such as 127.0.0.1, and a port from 1024 on';
    throw failure('E_USAGE', { what: `the server cannot listen on that address (${problem})`, hint });
  }
  const address = server.address();
  const own = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${own}/healthz`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

/** A lake that cannot be read is the answer 500: the scheduler goes on. */
function sendMetrics(response: ServerResponse, metrics: () => Promise<string>): void {
  metrics().then(
    (text) =>
      response.writeHead(200, { 'content-type': METRICS_TYPE, 'cache-control': 'no-store' }).end(text),
    () => response.writeHead(500).end(),
  );
}
