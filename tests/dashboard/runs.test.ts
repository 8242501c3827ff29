import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Asking } from './open-dashboard.js';
import { useScene } from './scene.js';

const scene = useScene();

describe('a run of the dashboard', () => {
  async function press(asking: Asking, on = scene.dashboard) {
    const cookie = await on.enter();
    const page = await on.ask('/pipelines/persons', { headers: { cookie } });
    const token = /data-token="([^"]+)"/.exec(page.body)?.[1] ?? '';
    expect(token).not.toBe('');
    const headers = {
      cookie,
      origin: on.origin,
      'x-lakeveil-token': token,
      'content-type': 'application/json',
    };
    const sent = { method: 'POST', body: JSON.stringify({ pipeline: 'persons', date: '2026-02-01' }) };
    const given: Record<string, string> = { ...headers, ...asking.headers };
    const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
    const answer = await on.ask('/runs', { ...sent, ...asking, headers: kept });
    return { ...answer, cookie };
  }

  it.each([
    ['no origin', { origin: '' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['an origin that is null', { origin: 'null' }],
    ['no token', { 'x-lakeveil-token': '' }],
    ['a wrong token', { 'x-lakeveil-token': 'x'.repeat(43) }],
    ['no cookie', { cookie: '' }],
  ])('is refused with %s', async (_, headers) => {
    const before = scene.listLedger();
    const { status } = await press({ headers });
    expect(status).toBe(403);
    expect(scene.listLedger()).toEqual(before);
  });

  it.each([
    ['no JSON', 'date=2026-02-01', /takes a pipeline and a date/],
    ['a name that is none', '{"pipeline":"../x","date":"2026-02-01"}', /takes a pipeline and a date/],
    ['a date that is none', '{"pipeline":"persons","date":"2026-02-30"}', /takes a pipeline and a date/],
    ['a pipeline that is not there', '{"pipeline":"nobody","date":"2026-02-01"}', /no pipeline of that name/],
    ['a date to come', '{"pipeline":"persons","date":"2027-02-01"}', /2027-02-01/],
  ])('is refused for %s', async (_, body, says) => {
    const before = scene.listLedger();
    const { status, body: told } = await press({ body });
    expect(status).toBe(400);
    expect(told).toMatch(says);
    expect(scene.listLedger()).toEqual(before);
  });

  it('is told of while it lasts, holds off a second one, and is in the pages when it has ended', async () => {
    const first = await press({});
    expect(first.status, first.body).toBe(202);
    const { runId } = JSON.parse(first.body) as { runId: string };
    const headers = { cookie: first.cookie };
    const [events, second, page] = await Promise.all([
      scene.dashboard.ask(`/runs/${runId}/events`, { headers }),
      press({ body: '{"pipeline":"persons","date":"2026-02-02"}' }),
      scene.dashboard.ask(`/runs/${runId}`, { headers }),
    ]);
    expect(second.status).toBe(409);
    expect(JSON.parse(second.body)).toMatchObject({ error: { code: 'E_BUSY', current: { runId } } });
    expect(page.body).toContain(`data-live="${runId}"`);
    expect(events.body).toMatch(/event: stages\n[^]*event: end\ndata: \{"status":"succeeded"\}/);
    const after = await scene.dashboard.ask(`/runs/${runId}`, { headers });
    expect(after.body).toMatch(/Succeeded[^]*200/);
    expect(after.body).not.toContain('data-live=');
    expect((await scene.dashboard.ask('/lake/persons', { headers })).body).toContain('2026-02');
    expect((await scene.dashboard.ask(`/runs/${runId}/events`, { headers })).status).toBe(204);
  });

  it('is stopped by Ctrl-C where one says so, and is in the ledger as interrupted', async () => {
    const other = await scene.open();
    const { status, body } = await press({ body: '{"pipeline":"persons","date":"2026-02-03"}' }, other);
    expect(status, body).toBe(202);
    await other.stop(true);
    const { runId } = JSON.parse(body) as { runId: string };
    const entry = scene.listLedger().find((name) => name.includes(runId)) ?? '';
    expect(readFileSync(join(scene.sandbox.lake, '_runs', entry), 'utf8')).toMatch(
      /"status": ?"(interrupted|succeeded)"/,
    );
    await expect(other.ask('/')).rejects.toThrow(/ECONNREFUSED/);
  });
});
