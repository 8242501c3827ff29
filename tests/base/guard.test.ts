import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenStart } from '../../src/base/guard.js';

describe('what a process may not be started with', () => {
  it.each([
    ['--inspect', '--inspect'],
    ['--inspect=0.0.0.0:9229', '--inspect'],
    ['--inspect-brk', '--inspect-brk'],
    ['--inspect_brk', '--inspect-brk'],
    ['--heapsnapshot-signal=SIGUSR2', '--heapsnapshot-signal'],
    ['--heapsnapshot-near-heap-limit=2', '--heapsnapshot-near-heap-limit'],
    ['--heap-prof', '--heap-prof'],
    ['--report-on-fatalerror', '--report-on-fatalerror'],
    ['--report-uncaught-exception', '--report-uncaught-exception'],
    ['--diagnostic-dir=/tmp', '--diagnostic-dir'],
    ['--tls-keylog=/tmp/k', '--tls-keylog'],
    ['--trace-uncaught', '--trace-uncaught'],
    ['--log-maps', '--log-maps'],
    ['--prof', '--prof'],
    ['--cpu-prof', '--cpu-prof'],
    ['--trace-gc', '--trace-gc'],
    ['--a-flag-of-tomorrow=1', '--a-flag-of-tomorrow'],
    ['--abort-on-uncaught-exception', '--abort-on-uncaught-exception'],
  ])('%s, as a flag or in NODE_OPTIONS', (option, flag) => {
    for (const error of [
      findForbiddenStart([option], {}),
      findForbiddenStart([], { NODE_OPTIONS: `--max-old-space-size=512  "${option}"` }),
    ]) {
      expect(error).toMatchObject({ code: 'E_FLAG_PROCESS', exit: 2 });
      expect(error?.message).toContain(flag);
      expect(error?.remedy).toContain(flag);
    }
  });

  it.each([
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'NODE_TLS_REJECT_UNAUTHORIZED'],
    [{ NODE_DEBUG: 'undici' }, 'NODE_DEBUG=undici'],
    [{ NODE_DEBUG: 'net, FETCH' }, 'NODE_DEBUG=fetch'],
    [{ NODE_DEBUG: '*' }, 'NODE_DEBUG=undici'],
    [{ NODE_DEBUG: 'fe*' }, 'NODE_DEBUG=fetch'],
    [{ NODE_DEBUG: 'stream' }, 'NODE_DEBUG=stream'],
    [{ NODE_OPTIONS: '"--heapsnapshot\\-signal=SIGUSR2"' }, '--heapsnapshot-signal'],
  ])('%o', (environment, name) => {
    const error = findForbiddenStart([], environment);
    expect(error?.exit).toBe(2);
    expect(error?.message).toContain(name);
  });

  it.each([
    [['--max-old-space-size=512', '--import', 'tsx', '--enable-source-maps'], {}],
    [[], { NODE_OPTIONS: '--no-warnings', NODE_TLS_REJECT_UNAUTHORIZED: '1', NODE_DEBUG: 'net' }],
    [[], { NODE_DEBUG: '' }],
    [['--require', './hook.cjs', '--no-deprecation', '--max_semi_space_size=64', '-e', 'work()'], {}],
  ])('but %j with %o is fine', (execArgv, environment) => {
    expect(findForbiddenStart(execArgv, environment)).toBeNull();
  });
});

describe('a guarded process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-guard-'));
  const guard = new URL('../../src/base/guard.ts', import.meta.url).href;
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function script(name: string, body: string): string {
    const path = join(folder, `${name}.mjs`);
    writeFileSync(
      path,
      `import { guardProcess, takeKeyVariables } from ${JSON.stringify(guard)};\n${body}\n`,
    );
    return path;
  }

  function start(path: string, env: Record<string, string> = {}, args: string[] = []) {
    return spawnSync(process.execPath, ['--import', 'tsx', path, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      encoding: 'utf8',
    });
  }

  it('keeps keys and DEBUG from everything that starts later, makes private files, and has no __proto__', () => {
    const path = script(
      'facts',
      `guardProcess();
      const keys = [...takeKeyVariables()];
      console.log(JSON.stringify({ keys, again: takeKeyVariables().size, env: process.env,
        umask: process.umask(), proto: '__proto__' in {} }));`,
    );
    const { stdout } = start(path, { TOKEN_KEY: 'k', TOKEN_KEY_ID: 'a1', DEBUG: '*', TOKEN_KEYS: 'other' });
    const facts: unknown = JSON.parse(stdout);
    expect(facts).toMatchObject({
      keys: [
        ['TOKEN_KEY', 'k'],
        ['TOKEN_KEY_ID', 'a1'],
      ],
      again: 0,
      umask: 0o077,
      proto: false,
      env: { TOKEN_KEYS: 'other' },
    });
    expect(facts).not.toHaveProperty('env.TOKEN_KEY');
    expect(facts).not.toHaveProperty('env.TOKEN_KEY_ID');
    expect(facts).not.toHaveProperty('env.DEBUG');
  });

  it.each([
    ['thrown', `setTimeout(() => { throw Object.assign(new RangeError('canary'), { data: 'canary' }); })`],
    ['rejected', `Promise.reject(new RangeError('canary', { cause: new Error('canary') }))`],
  ])('says of what was %s the class alone, and ends with 1', (name, body) => {
    const { status, stdout, stderr } = start(
      script(name, `guardProcess();\n${body};\nsetTimeout(() => {}, 9000);`),
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('E_DEFECT');
    expect(stderr).toContain('unexpected RangeError');
    expect(stderr).not.toContain('canary');
  });

  it('ends with 2 before anything else if started in a way that leaks, in JSON if asked', () => {
    const path = script('refused', `guardProcess();\nconsole.log('went on');`);
    const env = { NODE_OPTIONS: `--diagnostic-dir=${folder}` };
    const plain = start(path, env);
    expect(plain.status).toBe(2);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toContain('run the command again without --diagnostic-dir');
    const json: unknown = JSON.parse(start(path, env, ['--json']).stdout);
    expect(json).toMatchObject({ error: { code: 'E_FLAG_PROCESS', exit: 2 } });
  });

  describe('at SIGUSR1', () => {
    let stderr = '';
    let code: number | null = null;
    beforeAll(async () => {
      const path = script(
        'signal',
        `guardProcess();\nconsole.log('up');\nsetTimeout(() => process.exit(7), 400);`,
      );
      const child = spawn(process.execPath, ['--import', 'tsx', path], { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.once('data', () => child.kill('SIGUSR1'));
      child.stderr.on('data', (chunk) => (stderr += String(chunk)));
      code = await new Promise((resolve) => child.once('close', resolve));
    });

    it('opens no inspector and goes on', () => {
      expect(code).toBe(7);
      expect(stderr).toBe('');
    });
  });

  it('is not a defect when the reader of its output has gone', () => {
    const path = script(
      'pipe',
      `guardProcess();\nfor (let i = 0; i < 200; i++) process.stdout.write('x'.repeat(65536));\nsetTimeout(() => {}, 50);`,
    );
    const { stderr } = spawnSync('sh', ['-c', `"$0" --import tsx "$1" | head -c 1`, process.execPath, path], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    });
    expect(stderr).toBe('');
  });
});
