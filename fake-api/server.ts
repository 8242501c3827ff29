import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedSettings } from './options.js';
import { sendAnswer, sendError, sendFault, sendTooManyRequests } from './server/answers.js';
import { type FaultPlan, planFaults } from './server/faults.js';
import { createRateGate, type RateGate } from './server/rate-limit.js';
import { createRequestLog, type RequestLog, type ServerStats } from './server/request-log.js';
import type { Route, RouteRequest } from './server/route.js';
import { ROUTES } from './server/routes.js';

export interface ApiServer {
  readonly server: Server;
  readonly readStats: () => ServerStats;
}

interface Parts {
  readonly settings: EmbeddedSettings;
  readonly planFault: FaultPlan;
  readonly gate: RateGate;
  readonly log: RequestLog;
  readonly startedMs: number;
}

/** Longer than any pause of a client that holds its connections, which would else meet a closed one. */
const KEEP_ALIVE_MS = 60_000;

/** A server that answers as the APIs of `routes.ts` do, not listening yet. */
export function createApiServer(settings: EmbeddedSettings): ApiServer {
  const parts: Parts = {
    settings,
    planFault: planFaults(settings),
    gate: createRateGate(settings.rateLimit),
    log: createRequestLog(),
    startedMs: performance.now(),
  };
  const server = createServer((request, response) => {
    // A rejection is a defect: unhandled, it ends the worker, which the other side reports.
    void answer(parts, request, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return { server, readStats: parts.log.read };
}

async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = request.url ?? '/';
  const [path = '/', query = ''] = url.split('?', 2);
  const route = ROUTES.get(path);
  const atMs = performance.now() - parts.startedMs;
  parts.log.admit(atMs, url, route === undefined ? 'other' : path, response);
  if (parts.settings.latencyMs > 0) await sleep(parts.settings.latencyMs);
  if (route === undefined) {
    sendError(response, 404, 'Not Found');
  } else if (request.method !== 'GET') {
    sendError(response, 405, 'Method Not Allowed', { allow: 'GET' });
  } else {
    const { settings } = parts;
    const params = new URLSearchParams(query);
    await answerRoute(parts, url, route, { path, params, headers: request.headers, settings }, response);
  }
}

async function answerRoute(
  { settings, planFault, gate, startedMs }: Parts,
  url: string,
  route: Route,
  request: RouteRequest,
  response: ServerResponse,
): Promise<void> {
  const waitMs = gate(performance.now() - startedMs);
  if (waitMs > 0) {
    sendTooManyRequests(response, { form: 'seconds', seconds: Math.ceil(waitMs / 1_000) });
    return;
  }
  const answered = await route(request);
  const fault = planFault(url);
  if (fault === null) sendAnswer(response, answered);
  else sendFault(response, fault, answered, settings.retryAfter);
}
