import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import Ingest from '../../commands/ingest.js';
import { findWorst } from '../../src/actions/run/run-all.js';
import { failure } from '../../src/base/errors.js';
import { runCaptured } from './capture-output.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let project: SampleProject;
beforeAll(() => {
  project = makeSampleProject();
  cpSync(join(ROOT, 'pipelines/directory.yaml'), join(project.dir, 'pipelines/directory.yaml'));
  process.env['RECORDS'] = '100';
});
afterAll(() => {
  Reflect.deleteProperty(process.env, 'RECORDS');
  project.remove();
});

describe('run --all', () => {
  it('runs every pipeline, goes on after one fails, and ends with the worst exit code', async () => {
    // A snapshot cannot be landed for a past date: exit 2.
    const { exit, stdout, stderr } = await project.run('run', '--all', '--date', '2026-02-01', '--quiet');
    expect(exit).toBe(2);
    expect(stdout).toMatch(/^2 pipelines: 1 succeeded, 1 failed\n/);
    expect(stdout).toMatch(/directory {2}failed \(exit 2, E_DATE_SNAPSHOT\)/);
    expect(stdout).toMatch(/persons {4}2026-02-01: succeeded, 100 rows, rejected 0/);
    expect(stdout).toMatch(/\n {13}next: add `--as-of-now`/);
    // The result says what failed: no error is printed after it.
    expect(stderr).not.toContain('E_DATE_SNAPSHOT');
  });

  it('is not for one pipeline', async () => {
    for (const words of [['persons'], ['--records', '5'], ['--seed', 'x']]) {
      const { exit } = await project.run('run', '--all', ...words);
      expect(exit).toBe(2);
    }
  });

  it('ranks defects and leaks above what only needs another try', () => {
    const errors = [
      failure('E_PORT', { port: 1 }),
      failure('E_SHORT_PULL', { asked: 2, got: 1 }),
      failure('E_USAGE', { what: '', hint: '' }),
      failure('E_DEFECT', { name: '', at: '' }),
    ];
    for (let count = 1; count <= errors.length; count++) {
      expect(findWorst(errors.slice(0, count))?.exit).toBe(errors[count - 1]?.exit);
    }
    expect(findWorst([])).toBeNull();
  });
});

describe('fetch-data', () => {
  it('is an alias of ingest, which the help of ingest alone names', async () => {
    const landed = await project.ask('fetch-data', 'persons', '--date', '2026-02-02', '--records', '50');
    expect(landed).toMatchObject({ exit: 0, document: { datasets: [{ landed: 50 }], models: [] } });
    const { stdout } = await runCaptured(['--help']);
    expect(stdout).not.toContain('fetch-data');
    expect(Ingest.aliases).toEqual(['fetch-data']);
  });
});
