import { expect } from 'vitest';
import type { Answered, Asking, OpenDashboard } from './open-dashboard.js';

export interface Pressed extends Answered {
  readonly cookie: string;
}

/** Sends the request of the Run button, with the changes in `changes`; a header of '' is left out. */
export async function press(on: OpenDashboard, changes: Asking = {}): Promise<Pressed> {
  const cookie = await on.enter();
  const page = await on.ask('/pipelines/persons', { headers: { cookie } });
  const token = /data-token="([^"]+)"/.exec(page.body)?.[1] ?? '';
  expect(token).not.toBe('');
  const given: Record<string, string> = {
    cookie,
    origin: on.origin,
    'x-lakeveil-token': token,
    'content-type': 'application/json',
    ...changes.headers,
  };
  const headers = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const sent = { method: 'POST', body: JSON.stringify({ pipeline: 'persons', date: '2026-02-01' }) };
  return { ...(await on.ask('/runs', { ...sent, ...changes, headers })), cookie };
}

/** The id of the run that a press started. */
export function runIdOf({ status, body }: Answered): string {
  expect(status, body).toBe(202);
  return (JSON.parse(body) as { runId: string }).runId;
}
