import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { addSignIn, FailedSignIns } from '../../src/dashboard/server/entry.js';
import { Sessions } from '../../src/dashboard/server/sessions.js';
import { runHere } from '../canary/run-here.js';
import type { OpenDashboard } from './open-dashboard.js';
import { PATHS, type Scene, useScene } from './scene.js';

const scene = useScene();
const others: OpenDashboard[] = [];

afterEach(async () => {
  await Promise.all(others.splice(0).map((other) => other.stop()));
});

async function open(more: Parameters<Scene['open']>[0] = {}): Promise<OpenDashboard> {
  const other = await scene.open(more);
  others.push(other);
  return other;
}

describe('sign-in to the dashboard', () => {
  it.each(PATHS)('does not show %s without a session', async (path) => {
    for (const cookie of ['', 'lakeveil_1=x', 'lakeveil=x']) {
      const { status, body } = await scene.dashboard.ask(path, { headers: { cookie } });
      expect(status).toBe(403);
      expect(body).toContain('Each link works once');
      expect(body).not.toMatch(/persons|script/);
    }
  });

  it('exchanges a code once for a cookie that is HttpOnly and SameSite=Strict', async () => {
    const link = new URL(scene.dashboard.newLink());
    const peeked = await scene.dashboard.ask(link.pathname + link.search, { method: 'HEAD' });
    expect(peeked.headers['set-cookie']).toBeUndefined();
    const first = await scene.dashboard.ask(link.pathname + link.search);
    expect(first.status).toBe(200);
    expect(first.headers['set-cookie']?.join()).toMatch(
      /^lakeveil_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const second = await scene.dashboard.ask(link.pathname + link.search);
    expect(second.status).toBe(403);
    expect(second.headers['set-cookie']).toBeUndefined();
  });

  it('answers a request for the favicon with no content', async () => {
    expect(await scene.dashboard.ask('/favicon.ico')).toMatchObject({ status: 204, body: '' });
  });

  it('answers a health check without a session', async () => {
    expect(await scene.dashboard.ask('/healthz')).toMatchObject({ status: 200, body: 'ok' });
  });

  it('gives metrics to who sends the token of the token file, and to a session', async () => {
    expect((await scene.dashboard.ask('/metrics')).status).toBe(401);
    const cookie = await scene.dashboard.enter();
    expect((await scene.dashboard.ask('/metrics', { headers: { cookie } })).body).toContain(
      'lakeveil_runs_total',
    );
    const token = 't0ken-'.repeat(8);
    const tokenFile = join(scene.sandbox.root, 'metrics.token');
    writeFileSync(tokenFile, token, { mode: 0o600 });
    const other = await open({ tokenFile });
    const ask = (authorization: string) => other.ask('/metrics', { headers: { authorization } });
    expect(await ask(`Bearer ${token}`)).toMatchObject({ status: 200 });
    expect(await ask(`Bearer ${token}x`)).toMatchObject({ status: 401 });
    for (let guess = 0; guess < 10; guess += 1) await ask(`Bearer ${token}${guess}`);
    expect(await ask(`Bearer ${token}`)).toMatchObject({ status: 429 });
  });

  it('sends its content security policy with every response', async () => {
    const cookie = await scene.dashboard.enter();
    for (const path of [...PATHS, '/nowhere']) {
      for (const headers of [{ cookie }, {}]) {
        const answer = await scene.dashboard.ask(path, { headers });
        const policy = String(answer.headers['content-security-policy']);
        expect(policy).toContain("default-src 'none'");
        expect(policy).toContain("frame-ancestors 'none'");
        expect(policy).not.toContain('unsafe-inline');
        expect(answer.headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cache-control': 'no-store',
        });
      }
    }
  });

  it.each(['evil.example', 'localhost.evil.example:8501', '127.0.0.1', 'localhost'])(
    'rejects a host name rebound to its address: %s',
    async (host) => {
      const cookie = await scene.dashboard.enter();
      const { status, body } = await scene.dashboard.ask('/', { headers: { host, cookie } });
      expect(status).toBe(421);
      expect(body).not.toContain('persons');
    },
  );

  it('rejects the cookie of another dashboard', async () => {
    const other = await open();
    const cookie = await other.enter();
    expect((await scene.dashboard.ask('/', { headers: { cookie } })).status).toBe(403);
  });

  it('accepts the token of the token file', async () => {
    const tokenFile = join(scene.sandbox.root, 'dashboard.token');
    writeFileSync(tokenFile, `${'t0ken-'.repeat(8)}\n`, { mode: 0o600 });
    const other = await open({ tokenFile });
    expect(other.link).toBe(`${other.origin}/`);
    const enter = (token: string, origin: string) =>
      other.ask('/enter', {
        method: 'POST',
        headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token }).toString(),
      });
    expect((await enter('wrong', other.origin)).status).toBe(403);
    expect((await enter('t0ken-'.repeat(8), 'http://evil.example')).status).toBe(403);
    const right = await enter('t0ken-'.repeat(8), other.origin);
    expect(right.status).toBe(200);
    const cookie = right.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
    expect((await other.ask('/', { headers: { cookie } })).status).toBe(200);
  });

  it('limits the size of requests before sign-in', async () => {
    const headers = {
      origin: scene.dashboard.origin,
      'content-type': 'application/x-www-form-urlencoded',
    };
    const post = (more: Readonly<Record<string, string>>) => {
      const body = `token=${'x'.repeat(20_000)}`;
      return scene.dashboard.ask('/enter', { method: 'POST', headers: { ...headers, ...more }, body });
    };
    expect((await post({})).status).toBe(413);
    expect((await post({ 'transfer-encoding': 'chunked' })).status).toBe(413);
  });

  it('makes an address wait after ten incorrect tokens, and no other address', async () => {
    let nowMs = 0;
    const origin = 'http://127.0.0.1:8501';
    const app = new Hono();
    addSignIn(app, new Sessions('right', () => nowMs), {
      ...{ port: 8501, origin },
      guesses: new FailedSignIns(() => nowMs),
    });
    const enter = async (token: string, remoteAddress: string) => {
      const init = { method: 'POST', headers: { origin }, body: new URLSearchParams({ token }) };
      return (await app.request('/enter', init, { incoming: { socket: { remoteAddress } } })).status;
    };
    for (let guess = 0; guess < 10; guess += 1) {
      nowMs += 100;
      expect(await enter('wrong', '192.0.2.1')).toBe(403);
    }
    expect(await enter('right', '192.0.2.1')).toBe(429);
    expect(await enter('right', '192.0.2.2')).toBe(200);
    nowMs += 60_000;
    expect(await enter('right', '192.0.2.1')).toBe(200);
  });

  it('writes no link where there is no terminal', async () => {
    const refused = open({ hasTerminal: false });
    await expect(refused).rejects.toMatchObject({ code: 'E_USAGE', exit: 2 });
    await expect(refused).rejects.toMatchObject({
      remedy: expect.stringContaining('--token-file') as string,
    });
    const ended = await runHere(scene.sandbox, ['dashboard']);
    expect(ended.exit).toBe(2);
    expect(ended.stdout + ended.stderr).not.toContain('code=');
  });

  it('ends a code after ten minutes and a session after twelve hours', () => {
    let nowMs = 1_000;
    const sessions = new Sessions(null, () => nowMs);
    const [soon, late] = [sessions.issueCode(), sessions.issueCode()];
    nowMs += 10 * 60_000 - 1;
    const session = sessions.signInByCode(soon) ?? '';
    nowMs += 1;
    expect(sessions.signInByCode(late)).toBeNull();
    expect(sessions.isSignedIn(session)).toBe(true);
    nowMs += 12 * 3_600_000 - 2;
    expect(sessions.isSignedIn(session)).toBe(true);
    nowMs += 1;
    expect(sessions.isSignedIn(session)).toBe(false);
  });

  it.each([
    ['a short token', 'short\n', 0o600],
    ['a token that other users can read', 'x'.repeat(40), 0o644],
  ])('rejects %s', async (_, text, mode) => {
    const tokenFile = join(scene.sandbox.root, 'bad.token');
    writeFileSync(tokenFile, text);
    chmodSync(tokenFile, mode);
    await expect(open({ tokenFile })).rejects.toMatchObject({ code: 'E_TOKEN_FILE', exit: 2 });
  });

  it('does not listen on a public address without a token', async () => {
    const ended = await runHere(scene.sandbox, ['dashboard', '--host', '192.0.2.1']);
    expect(ended).toMatchObject({ exit: 2 });
    expect(ended.stderr).toContain('requires a token');
  });

  it.each([
    ...['0.0.0.0', '0', '0x0', '000.0.0.0', '0.0', '*', ''],
    ...['::', '::0', '0:0:0:0:0:0:0:0', '[::]', '[::0]', '::ffff:0.0.0.0', '::ffff:0:0', '0::%lo'],
  ])('does not listen on all addresses: %j', async (host) => {
    const tokenFile = join(scene.sandbox.root, 'open.token');
    writeFileSync(tokenFile, 't0ken-'.repeat(8), { mode: 0o600 });
    await expect(open({ host, tokenFile })).rejects.toMatchObject({
      code: 'E_USAGE',
      message: expect.stringContaining('not all addresses') as string,
    });
  });
});
