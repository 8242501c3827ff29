import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const UNIT = 'lakeveil-schedule.service';
const PATH = fileURLToPath(new URL(`../../ops/${UNIT}`, import.meta.url));
const HAS_SYSTEMD = spawnSync('systemd-analyze', ['--version']).status === 0;
const IS_SKIPPED = !HAS_SYSTEMD && process.env['REQUIRE_INTEGRATION'] !== '1';

describe('the unit of the scheduler', () => {
  it.each([
    'LimitCORE=0',
    'MemorySwapMax=0',
    'NoNewPrivileges=yes',
    'ProtectSystem=strict',
    'KillMode=mixed',
    'SuccessExitStatus=143',
    'UMask=0077',
  ])('sets %s', (line) => {
    expect(readFileSync(PATH, 'utf8').split('\n')).toContain(line);
  });

  it('gives the scheduler longer to stop than a run has', () => {
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(readFileSync(PATH, 'utf8'))?.[1]);
    expect(seconds).toBeGreaterThan(30);
  });
});

describe.skipIf(IS_SKIPPED)('systemd-analyze verify', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'lakeveil-unit-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const verify = (text: (unit: string) => string) => {
    const path = join(folder, UNIT);
    cpSync(PATH, path);
    writeFileSync(path, text(readFileSync(path, 'utf8')));
    return spawnSync('systemd-analyze', ['verify', '--man=no', path], { encoding: 'utf8' });
  };

  it('finds nothing wrong with the unit', () => {
    const { status, stderr } = verify((unit) => unit);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('would find a setting that systemd does not have', () => {
    const { stderr } = verify((unit) => unit.replace('LimitCORE=0', 'LimitCores=0'));
    expect(stderr).toContain('LimitCores');
  });
});
