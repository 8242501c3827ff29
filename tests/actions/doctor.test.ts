import { describe, expect, it } from 'vitest';
import { type DoctorCheck, formatDoctor, runDoctor } from '../../src/actions/doctor/doctor.js';
import { evaluateCoreFiles, evaluateSwap } from '../../src/actions/doctor/machine-checks.js';
import { failure } from '../../src/base/errors.js';

const passes = (name: string, status: 'ok' | 'warn'): DoctorCheck => ({
  name,
  run: () => Promise.resolve({ status, detail: `${name} is seen` }),
});
const fails = (name: string, error: Error): DoctorCheck => ({ name, run: () => Promise.reject(error) });

describe('runChecks', () => {
  it.each([
    [['ok', 'ok'], 'ok'],
    [['ok', 'warn'], 'warn'],
  ] as const)('of %j says %s, without an error', async (statuses, status) => {
    const { report, error } = await runDoctor(statuses.map((each, index) => passes(`check ${index}`, each)));
    expect(error).toBeNull();
    expect(report.status).toBe(status);
  });

  it('goes on after a failure, and gives the first one', async () => {
    const unreachable = failure('E_SOURCE_CONNECT', { kind: 'refused' });
    const { report, error } = await runDoctor([
      fails('source', unreachable),
      fails('odd', new RangeError('canary')),
      passes('swap', 'warn'),
    ]);
    expect(error).toBe(unreachable);
    expect(report.checks.map(({ name, status }) => [name, status])).toEqual([
      ['source', 'fail'],
      ['odd', 'fail'],
      ['swap', 'warn'],
    ]);
    expect(formatDoctor(report, { color: false })).toMatch(
      /^fail {2}source {2}cannot connect to the source .*: check that the API/,
    );
    expect(JSON.stringify(report)).not.toContain('canary');
  });
});

describe('the limit of core files', () => {
  const limits = (soft: string): string =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        ${soft.padEnd(20)} unlimited            bytes     \n`;

  it.each([
    [limits('0'), 'ok'],
    [limits('unlimited'), 'warn'],
    [limits('1048576'), 'warn'],
    ['', 'warn'],
  ])('of %j is %s', (text, status) => {
    expect(evaluateCoreFiles(text, 'core').status).toBe(status);
  });
});

describe('swap', () => {
  const swaps = (...paths: string[]): string =>
    ['Filename\t\t\t\tType\t\tSize', ...paths.map((path) => `${path}   partition\t8388604`), ''].join('\n');
  const readMapperId = (device: string): Promise<string> =>
    Promise.resolve(device === 'dm-0' ? 'CRYPT-LUKS2-abc' : device === 'dm-1' ? 'LVM-abc' : '');

  it.each([
    ['none', swaps(), 'ok'],
    ['encrypted', swaps('/dev/dm-0'), 'ok'],
    ['in compressed memory', swaps('/dev/zram0'), 'ok'],
    ['a plain partition', swaps('/dev/dm-0', '/dev/sda2'), 'warn'],
    ['a logical volume that is not encrypted', swaps('/dev/dm-1'), 'warn'],
    ['a file', swaps('/swapfile'), 'warn'],
    ['unknown', '', 'warn'],
  ])('that is %s', async (_, text, status) => {
    expect((await evaluateSwap(text, readMapperId)).status).toBe(status);
  });

  it('that is not safe is named', async () => {
    expect((await evaluateSwap(swaps('/dev/dm-0', '/swapfile'), readMapperId)).detail).toMatch(
      /^\/swapfile may/,
    );
  });
});
