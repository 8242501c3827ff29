import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { holdSource } from './hold-source.js';
import { press, runIdOf } from './press.js';
import { DATE, PATHS, useScene } from './scene.js';

const scene = useScene();

describe('a run of the dashboard', () => {
  it.each([
    ['no origin', { origin: '' }],
    ['another origin', { origin: 'http://evil.example' }],
    ['an origin that is null', { origin: 'null' }],
    ['no token', { 'x-lakeveil-token': '' }],
    ['a wrong token', { 'x-lakeveil-token': 'x'.repeat(43) }],
    ['no cookie', { cookie: '' }],
  ])('is rejected with %s', async (_, headers) => {
    const before = scene.listLedger();
    const { status } = await press(scene.dashboard, { headers });
    expect(status).toBe(403);
    expect(scene.listLedger()).toEqual(before);
  });

  it.each([
    ['no JSON', 'date=2026-02-01', /needs a pipeline and a date, and may have an hour/],
    [
      'an invalid name',
      '{"pipeline":"../x","date":"2026-02-01"}',
      /needs a pipeline and a date, and may have an hour/,
    ],
    [
      'an invalid date',
      '{"pipeline":"persons","date":"2026-02-30"}',
      /needs a pipeline and a date, and may have an hour/,
    ],
    ['an unknown pipeline', '{"pipeline":"nobody","date":"2026-02-01"}', /pipeline not found/],
    [
      'an invalid hour',
      '{"pipeline":"persons","date":"2026-02-01","slot":"24"}',
      /needs a pipeline and a date, and may have an hour/,
    ],
    [
      'an hour that is a number',
      '{"pipeline":"persons","date":"2026-02-01","slot":5}',
      /needs a pipeline and a date, and may have an hour/,
    ],
    [
      'an hour for a daily pipeline',
      '{"pipeline":"persons","date":"2026-02-01","slot":"05"}',
      /is not hourly/,
    ],
    ['a future date', '{"pipeline":"persons","date":"2027-02-01"}', /2027-02-01/],
  ])('is rejected for %s', async (_, body, says) => {
    const before = scene.listLedger();
    const { status, body: text } = await press(scene.dashboard, { body });
    expect(status).toBe(400);
    expect(text).toMatch(says);
    expect(scene.listLedger()).toEqual(before);
  });

  it('is rejected with a body that is too large; an unknown run has no view', async () => {
    expect((await press(scene.dashboard, { body: `{"x":"${'x'.repeat(2_000)}"}` })).status).toBe(413);
    const { status } = await scene.get('/runs/00000000-0000-0000-0000-000000000000');
    expect(status).toBe(404);
  });

  it('blocks a second run that is requested before it has started, and names itself', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    try {
      const body = '{"pipeline":"persons","date":"2026-02-06"}';
      const both = await Promise.all([press(other, { body }), press(other, { body })]);
      const [first, second] = both.toSorted((a, b) => a.status - b.status);
      expect([first?.status, second?.status]).toEqual([202, 409]);
      const { runId } = JSON.parse(first?.body ?? '') as { runId: string };
      expect(JSON.parse(second?.body ?? '')).toMatchObject({ error: { code: 'E_BUSY', current: { runId } } });
    } finally {
      source.release();
      await other.stop();
      await source.close();
    }
  });

  it('is followed live, blocks a second run, and is listed after it has ended', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    try {
      const first = await press(other);
      const runId = runIdOf(first);
      const headers = { cookie: first.cookie };
      const second = await press(other, { body: '{"pipeline":"persons","date":"2026-02-02"}' });
      expect(second.status).toBe(409);
      expect(JSON.parse(second.body)).toMatchObject({
        error: { code: 'E_BUSY', current: { runId, pipeline: 'persons', date: '2026-02-01' } },
      });
      expect((await other.ask(`/runs/${runId}`, { headers })).body).toContain(`data-live="${runId}"`);
      const events = other.ask(`/runs/${runId}/events`, { headers });
      source.release();
      const { body } = await events;
      expect(body).toMatch(/event: log\ndata: \{"text":"fetching persons"\}/);
      expect(body).toMatch(/event: progress\ndata: \{"label":"persons","done":200,"total":200\}/);
      expect(body).toMatch(/event: stages\n[^]*event: end\ndata: \{"status":"succeeded"\}/);
      const after = await other.ask(`/runs/${runId}`, { headers });
      expect(after.body).toMatch(/Succeeded[^]*200/);
      expect(after.body).not.toContain('data-live=');
      for (const stage of ['fetch', 'check', 'mask', 'land']) {
        expect(after.body, stage).toMatch(rowOf(stage, 'persons', 200, 200));
      }
      expect(after.body).toMatch(/>transform<\/th>/);
      expect(after.body).toMatch(/>report<\/th>/);
      // The process is the run's own; stages work in parallel, so that only shares of them are shown.
      expect(after.body).toMatch(/CPU time[^]*Peak memory/);
      expect(after.body).not.toContain('Busy');
      expect(after.body).toMatch(/<meter[^>]*><\/meter>\s*\d+ %/);
      expect(JSON.parse(readEntry(runId))).toMatchObject({
        cpu_ms: expect.any(Number) as number,
        peak_memory_bytes: expect.any(Number) as number,
      });
      expect((await other.ask('/lake/persons', { headers })).body).toContain('2026-02');
      expect((await other.ask(`/runs/${runId}/events`, { headers })).status).toBe(204);
    } finally {
      source.release();
      await other.stop();
      await source.close();
    }
  });

  it('does not block readers, who see the previous version', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    try {
      const { cookie, ...pressed } = await press(other, {
        body: '{"pipeline":"persons","date":"2026-02-04"}',
      });
      runIdOf({ ...pressed });
      for (const path of PATHS) {
        const { status, body } = await other.ask(path, { headers: { cookie } });
        expect(status, path).toBe(200);
        expect(body, path).not.toContain('2026-02-04, up to date');
      }
      const csv = `/pipelines/persons/email_provider_count.csv?date=${DATE}`;
      expect((await other.ask(csv, { headers: { cookie } })).status).toBe(200);
    } finally {
      source.release();
      await other.stop(false);
      await source.close();
    }
  });

  it('continues with no view open, and Ctrl-C waits for it on request', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    const pressed = await press(other, { body: '{"pipeline":"persons","date":"2026-02-05"}' });
    const runId = runIdOf(pressed);
    const stopped = other.stop(false);
    const page = await other.ask(`/runs/${runId}`, { headers: { cookie: pressed.cookie } });
    expect(page.body).toContain('In progress');
    source.release();
    await stopped;
    await source.close();
    expect(readEntry(runId)).toMatch(/"status": ?"succeeded"/);
  });

  it('is stopped by Ctrl-C on request, and recorded as interrupted', async () => {
    const source = await holdSource();
    const other = await scene.open(source.opening);
    const runId = runIdOf(await press(other, { body: '{"pipeline":"persons","date":"2026-02-03"}' }));
    const stopped = other.stop(true);
    source.release();
    await stopped;
    await source.close();
    expect(readEntry(runId)).toMatch(/"status": ?"interrupted"/);
    await expect(other.ask('/')).rejects.toThrow(/ECONNREFUSED/);
  });

  function rowOf(stage: string, dataset: string, rowsIn: number, rowsOut: number): RegExp {
    return new RegExp(
      `>${stage}</th>\\s*<td[^>]*>${dataset}</td>\\s*<td[^>]*>${rowsIn}</td>\\s*<td[^>]*>${rowsOut}</td>`,
    );
  }

  function readEntry(runId: string): string {
    const entry = scene.listLedger().find((name) => name.includes(runId)) ?? '';
    return readFileSync(join(scene.sandbox.lake, '_runs', entry), 'utf8');
  }
});
