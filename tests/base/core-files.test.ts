import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateCoreFiles } from '../../src/actions/doctor/machine-checks.js';
import { limitCoreFiles, readCoreLimit } from '../../src/base/core-files.js';

const limits = (soft: string): string =>
  `Max core file size        ${soft}               unlimited            bytes\n`;

/** A process with a core limit, in which setting it works or does not. */
function fakeProcess(soft: string | null, canLower: boolean) {
  const seen = { soft, lowered: 0, warned: '' };
  return {
    seen,
    effects: {
      readLimits: () => (seen.soft === null ? '' : limits(seen.soft)),
      lower: () => {
        seen.lowered += 1;
        if (canLower) seen.soft = '0';
        return canLower;
      },
      warn: (text: string) => void (seen.warned += text),
    },
  };
}

describe('a command that reads a source', () => {
  it.each([['0'], [null]])('goes on under a limit of %s', (soft) => {
    const { seen, effects } = fakeProcess(soft, true);
    expect(limitCoreFiles('run', {}, effects)).toBe('done');
    expect(seen).toMatchObject({ lowered: 0, warned: '' });
  });

  it.each(['run', 'ingest', 'backfill', 'new', 'adopt', 'dashboard'])('sets its own limit: %s', (verb) => {
    const { seen, effects } = fakeProcess('unlimited', true);
    expect(limitCoreFiles(verb, {}, effects)).toBe('done');
    expect(seen).toMatchObject({ soft: '0', lowered: 1, warned: '' });
  });

  it('is started again if it cannot, and only once', () => {
    const { seen, effects } = fakeProcess('unlimited', false);
    expect(limitCoreFiles('run', {}, effects)).toBe('restart');
    expect(seen.warned).toBe('');
    expect(limitCoreFiles('run', { LAKEVEIL_CORE_LIMITED: '1' }, effects)).toBe('done');
    expect(seen.warned).toContain('ulimit -c 0');
  });

  it('is the only kind that is looked at', () => {
    const { seen, effects } = fakeProcess('unlimited', false);
    expect(limitCoreFiles('status', {}, effects)).toBe('done');
    expect(limitCoreFiles(undefined, {}, effects)).toBe('done');
    expect(seen.lowered).toBe(0);
  });
});

describe('a command that is started again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-core-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const module = new URL('../../src/base/core-files.ts', import.meta.url).href;
  const path = join(folder, 'command.mjs');
  writeFileSync(
    path,
    `import { readCoreLimit, readKernelFile, restartWithoutCoreFiles } from ${JSON.stringify(module)};
    if (process.env.LAKEVEIL_CORE_LIMITED === undefined) process.exit(await restartWithoutCoreFiles(process.env));
    process.on('SIGTERM', () => { console.log('terminated'); process.exit(143); });
    console.log(readCoreLimit(readKernelFile('/proc/self/limits')), process.argv.slice(2).join('|'));
    process.stdin.on('data', (chunk) => console.log('got ' + chunk)).on('end', () => process.exit(7));`,
  );

  async function start(work: (child: ReturnType<typeof spawn>, text: () => string) => Promise<unknown>) {
    const line = 'ulimit -S -c 1000 2>/dev/null; exec "$0" "$@"';
    const args = ['-c', line, process.execPath, '--import', 'tsx', path, 'a b', '$x;'];
    const child = spawn('/bin/sh', args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await expect.poll(() => stdout, { timeout: 10_000 }).toContain('\n');
    await work(child, () => stdout);
    return { exit: await ended, lines: stdout.trim().split('\n') };
  }

  it('has a limit of 0, its words, its input and its exit code', async () => {
    const { exit, lines } = await start(async (child, text) => {
      child.stdin?.write('hello');
      await expect.poll(text).toContain('got hello');
      child.stdin?.end();
    });
    expect({ exit, lines }).toEqual({ exit: 7, lines: ['0 a b|$x;', 'got hello'] });
  });

  it('receives a signal, and ends as it wants to', async () => {
    const { exit, lines } = await start((child) => Promise.resolve(child.kill('SIGTERM')));
    expect({ exit, last: lines.at(-1) }).toEqual({ exit: 143, last: 'terminated' });
  });
});

describe('doctor', () => {
  it.each([
    ['0', 'core', 'ok', 'disabled'],
    ['unlimited', '/var/crash/core.%p', 'warn', '/var/crash/core.%p'],
    ['0', '|/usr/share/apport/apport %p', 'warn', 'hands process memory to /usr/share/apport/apport'],
  ])('says what a crash would do under a limit of %s with %s', (soft, pattern, status, detail) => {
    const result = evaluateCoreFiles(limits(soft), `${pattern}\n`);
    expect(result.status).toBe(status);
    expect(result.detail).toContain(detail);
  });

  it('reads the limit of its own process', () => {
    expect(readCoreLimit(limits('4096'))).toBe('4096');
  });
});
