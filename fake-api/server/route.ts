import type { IncomingHttpHeaders } from 'node:http';
import type { EmbeddedSettings } from '../options.js';

/** What a route may look at. */
export interface RouteRequest {
  readonly path: string;
  readonly params: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly settings: EmbeddedSettings;
}

/** What a route says, before anything goes wrong with it. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** One address of the bundled server; the whole of its answer follows from the request and the settings. */
export type Route = (request: RouteRequest) => Answer | Promise<Answer>;

/** A JSON text with a status. */
export function answerJson(status: number, body: string): Answer {
  return { status, contentType: 'application/json', body };
}
