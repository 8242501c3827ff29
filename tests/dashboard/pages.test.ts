import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runHere } from '../canary/run-here.js';
import { makeSandbox } from '../support/cli.js';
import { openDashboard } from './open-dashboard.js';
import { DATE, NOW, PATHS, useScene } from './scene.js';

const scene = useScene();

describe('the views of the dashboard', () => {
  it.each([
    ['/', /persons[^]*300 rows[^]*Succeeded/],
    ['/pipelines/persons', /People by mail provider[^]*<svg[^]*Download CSV[^]*<summary>SQL</],
    [`/pipelines/persons?date=${DATE}`, /People by mail provider/],
    ['/runs', /Succeeded/],
    ['/privacy/persons', /Still reveals[^]*mask_email[^]*Shape and control totals/],
    ['/lake/persons', /2026-03/],
  ])('show their content: %s', async (path, what) => {
    const { status, headers, body } = await scene.get(path);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toMatch(what);
    expect(body).not.toMatch(/<script(?! src="\/assets\/client\.js" defer><)/);
    expect(body).not.toMatch(/ style="|https?:\/\/(?!www\.w3\.org)/);
  });

  it.each([
    '/nowhere',
    '/pipelines/nobody',
    '/pipelines/%2e%2e%2f',
    '/pipelines/persons/..%2f..%2fetc%2fpasswd',
    '/runs/1',
    '/assets/../app.ts',
    '/assets/style.css.map',
    '/lake/persons/x',
    "/pipelines/persons/by_provider.csv?date='",
  ])('answer 404 for other addresses: %s', async (path) => {
    const { status, body } = await scene.get(path);
    expect(status).toBe(404);
    expect(body).not.toMatch(/root:|at .*\.ts/);
  });

  it('insert values as text', async () => {
    const { body } = await scene.get('/pipelines/persons');
    expect(body).toContain('&lt;script&gt;alert(&quot;kanary&quot;)&lt;/script&gt;');
    expect(body).not.toMatch(/<script>|<img|onerror=alert\(1\)>/);
    expect(body).not.toMatch(/[^\P{Cc}\n]|[\p{Bidi_Control}\u2028]/u);
  });

  it('offer the same CSV that `export` writes', async () => {
    const out = join(scene.sandbox.root, 'reports');
    const ended = await runHere(scene.sandbox, ['export', 'persons', '--date', DATE, '--out', out, '--json']);
    expect(ended.exit, ended.stderr).toBe(0);
    const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.csv'),
    );
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      const name = file.split('/').at(-1) ?? '';
      const { status, headers, body } = await scene.get(`/pipelines/persons/${name}?date=${DATE}`);
      expect(status, file).toBe(200);
      expect(headers['content-disposition']).toBe(
        `attachment; filename="${name.replace('.csv', `-${DATE}.csv`)}"`,
      );
      expect(body).toBe(readFileSync(join(out, file), 'utf8'));
    }
  });

  it('are compressed if the browser accepts gzip, with the same content', async () => {
    const cookie = await scene.dashboard.enter();
    const plain = await scene.dashboard.ask('/lake/persons', { headers: { cookie } });
    for (const encoding of ['gzip, deflate, br', 'br;q=1.0, gzip;q=0.8', 'GZIP']) {
      const headers = { cookie, 'accept-encoding': encoding };
      const packed = await scene.dashboard.ask('/lake/persons', { headers });
      expect(packed.headers['content-encoding'], encoding).toBe('gzip');
      expect(gunzipSync(packed.bytes).toString()).toBe(plain.body);
    }
    for (const encoding of ['identity', 'br', 'gzip;q=0', 'gzip;q=0.0, br', 'xgzip']) {
      const headers = { cookie, 'accept-encoding': encoding };
      const answer = await scene.dashboard.ask('/lake/persons', { headers });
      expect(answer.headers['content-encoding'], encoding).toBeUndefined();
    }
  });

  it('show a loading view while the lake is read, then reload', async () => {
    const hasty = await scene.open({ patienceMs: 0 });
    try {
      const cookie = await hasty.enter();
      const first = await hasty.ask('/privacy/persons', { headers: { cookie } });
      expect(first.body).toContain('Reading the lake');
      expect(first.headers['refresh']).toBe('1');
      await expect
        .poll(async () => (await hasty.ask('/privacy/persons', { headers: { cookie } })).body)
        .toContain('Privacy of persons');
    } finally {
      await hasty.stop();
    }
  });

  it('list the source columns of each published column', async () => {
    const { body } = await scene.get('/privacy/persons');
    expect(body).toMatch(/silver\.persons_anonymized[^]*age_group[^]*persons\.birthday \(keep, raw only\)/);
    expect(body).toContain('sql/persons/silver/persons_anonymized.sql');
  });

  it('show the next command if nothing has landed', async () => {
    const empty = await makeSandbox();
    const other = await openDashboard(empty, { now: NOW });
    try {
      const cookie = await other.enter();
      for (const path of PATHS.slice(0, 5)) {
        const { status, body } = await other.ask(path, { headers: { cookie } });
        expect(status, path).toBe(200);
        expect(body).toMatch(/pipeline run|Nothing|No loads|no run|nothing/);
      }
    } finally {
      await other.stop();
      await empty.remove();
    }
  });
});
