import { once } from 'node:events';
import type { Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { streamSSE } from 'hono/streaming';
import { HOUR } from '../../base/dates/calendar.js';
import { isDate } from '../../base/dates/date-formats.js';
import { NAME, RUN_ID } from '../../base/names.js';
import { orderStages } from '../data/models.js';
import type { Launcher, LauncherEvent, RunRequest } from '../launcher/run-request.js';
import { demandHeaderToken, demandOrigin } from './guards.js';
import type { Sessions } from './sessions.js';

const MAX_BODY_BYTES = 1_024;
/** Pages that follow runs at once. */
const MAX_FOLLOWERS = 200;
/** So that neither side takes a quiet connection for a dead one. */
const PING_MS = 10_000;

/** Starting a run, and following it. */
export function addLive(
  app: Hono,
  desk: Launcher,
  { sessions, origin }: { readonly sessions: Sessions; readonly origin: string },
): void {
  let followers = 0;
  app.post(
    '/runs',
    demandOrigin(origin),
    demandHeaderToken(sessions),
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: assertSmallBody }),
    async (context) => {
      const body: unknown = await context.req.json().catch(() => null);
      const wish = readWish(body);
      if (wish === null) {
        return context.json(
          { error: { message: 'a run takes a pipeline, a date and at most an hour' } },
          400,
        );
      }
      const started = await desk.start(wish);
      if ('runId' in started) return context.json(started, 202);
      return context.json({ error: started }, started.code === 'E_BUSY' ? 409 : 400);
    },
  );
  app.get('/runs/:id/events', (context) => {
    const runId = context.req.param('id');
    if (!RUN_ID.test(runId) || desk.current()?.runId !== runId) return context.body(null, 204);
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
      const leave = desk.follow(runId, send);
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

function assertSmallBody(context: Context): Response {
  return context.json({ error: { message: 'a run takes no more than a pipeline, a date and an hour' } }, 413);
}

/** Null if it is none; an hour that is no hour is never taken for no hour. */
function readWish(body: unknown): RunRequest | null {
  if (typeof body !== 'object' || body === null) return null;
  const read = (name: string): unknown => Reflect.get(body, name);
  const [pipeline, date, slot] = [read('pipeline'), read('date'), read('slot') ?? null];
  if (typeof pipeline !== 'string' || !NAME.test(pipeline)) return null;
  if (typeof date !== 'string' || !isDate(date)) return null;
  if (slot !== null && !(typeof slot === 'string' && HOUR.test(slot))) return null;
  const asOfNow = read('asOfNow') ?? false;
  return typeof asOfNow === 'boolean' ? { pipeline, date, slot, asOfNow } : null;
}

/** How long a version that was read is taken for the current one. */
const TRUSTED_MS = 250;

/**
 * Reads a version at most a few times a second, and once however many ask.
 * @param mark a text that is known at once; when it changes, what was read or is being read is not trusted any more
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
    const begun = read().finally(() => {
      if (reading !== begun) return;
      isDone = true;
      readAtMs = nowMs();
    });
    reading = begun;
    return begun;
  };
}
