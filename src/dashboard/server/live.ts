import { once } from 'node:events';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { HOUR } from '../../base/dates/calendar.js';
import { isDate } from '../../base/dates/date-formats.js';
import { NAME, RUN_ID } from '../../base/names.js';
import { orderStages } from '../data/models.js';
import type { Launcher, LauncherEvent, RunRequest } from '../launcher/run-request.js';
import { requireHeaderToken, requireOrigin } from './guards.js';
import type { Sessions } from './sessions.js';

const MAX_BODY_BYTES = 1_024;
/** Browsers that follow a run at once. */
const MAX_FOLLOWERS = 200;
/** Keeps idle connections open. */
const PING_MS = 10_000;

/** Routes that start and follow a run. */
export function addLive(
  app: Hono,
  launcher: Launcher,
  { sessions, origin }: { readonly sessions: Sessions; readonly origin: string },
): void {
  let followers = 0;
  app.post(
    '/runs',
    requireOrigin(origin),
    requireHeaderToken(sessions),
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: rejectLargeBody }),
    async (context) => {
      const body: unknown = await context.req.json().catch(() => null);
      const request = readRunRequest(body);
      if (request === null) {
        return context.json(
          { error: { message: 'a run request needs a pipeline and a date, and may have an hour' } },
          400,
        );
      }
      const started = await launcher.start(request);
      if ('runId' in started) return context.json(started, 202);
      return context.json({ error: started }, started.code === 'E_BUSY' ? 409 : 400);
    },
  );
  app.get('/runs/:id/events', (context) => {
    const runId = context.req.param('id');
    if (!RUN_ID.test(runId) || launcher.current()?.runId !== runId) return context.body(null, 204);
    if (followers >= MAX_FOLLOWERS) return context.body(null, 503);
    return streamSSE(context, async (stream) => {
      followers += 1;
      const ending = new AbortController();
      const send = (event: LauncherEvent): void => {
        const { kind, ...data } =
          event.kind === 'stages' ? { ...event, stages: orderStages(event.stages) } : event;
        void stream.writeSSE({ event: kind, data: JSON.stringify(data) });
        if (kind === 'end') ending.abort();
      };
      const ping = setInterval(() => void stream.writeSSE({ event: 'ping', data: '' }), PING_MS);
      const leave = launcher.follow(runId, send);
      stream.onAbort(() => {
        ending.abort();
      });
      if (leave !== null && !ending.signal.aborted) await once(ending.signal, 'abort');
      clearInterval(ping);
      leave?.();
      followers -= 1;
    });
  });
}

function rejectLargeBody(context: Context): Response {
  return context.json({ error: { message: 'a run request holds only a pipeline, a date and an hour' } }, 413);
}

/** Null if the request is not valid; an invalid hour is never read as a missing one. */
function readRunRequest(body: unknown): RunRequest | null {
  if (typeof body !== 'object' || body === null) return null;
  const read = (name: string): unknown => Reflect.get(body, name);
  const [pipeline, date, slot] = [read('pipeline'), read('date'), read('slot') ?? null];
  if (typeof pipeline !== 'string' || !NAME.test(pipeline)) return null;
  if (typeof date !== 'string' || !isDate(date)) return null;
  if (slot !== null && !(typeof slot === 'string' && HOUR.test(slot))) return null;
  const asOfNow = read('asOfNow') ?? false;
  return typeof asOfNow === 'boolean' ? { pipeline, date, slot, asOfNow } : null;
}

/** How long a version is taken as current. */
const TRUSTED_MS = 250;

/**
 * Reads a version at most a few times a second, and once for concurrent callers.
 * @param mark returns a text without any reading; when it changes, the last version is read again
 */
export function watchVersion(
  read: () => Promise<string>,
  nowMs: () => number,
  mark: () => string,
): () => Promise<string> {
  let reading: Promise<string> | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  let isDone = false;
  let readAt = '';
  return () => {
    const isOld = isDone && nowMs() - readAtMs > TRUSTED_MS;
    if (reading !== null && !isOld && readAt === mark()) return reading;
    [isDone, readAt] = [false, mark()];
    const current = read().finally(() => {
      if (reading !== current) return;
      isDone = true;
      readAtMs = nowMs();
    });
    reading = current;
    return current;
  };
}
