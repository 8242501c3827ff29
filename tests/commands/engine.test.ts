import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

const DATE = '2026-11-20';
const DAY_BEFORE = '2026-11-19';
let project: SampleProject;
let page: string;
beforeEach(() => {
  project = makeSampleProject();
  page = readFileSync(join(project.dir, 'pipelines/persons.yaml'), 'utf8');
});
afterEach(() => {
  project.remove();
});

const setChecks = (...checks: string[]) => {
  const path = join(project.dir, 'pipelines/persons.yaml');
  writeFileSync(path, page);
  appendFileSync(path, `    checks:\n${checks.map((check) => `      - ${check}\n`).join('')}`);
};

describe('models, check and transform --full', () => {
  it('print the graph before there is a warehouse', async () => {
    const { exit, document } = await project.ask('models');
    expect({ exit, document }).toEqual({
      exit: 0,
      document: {
        pipeline: 'persons',
        models: [
          {
            model: 'silver.persons_anonymized',
            file: 'sql/persons/silver/persons_anonymized.sql',
            materialize: 'incremental by ingest_date',
            reads: ['bronze.persons'],
            rows: null,
            last_build: null,
          },
          {
            model: 'gold.persons_release',
            file: 'pipelines/persons.yaml',
            materialize: 'release',
            reads: ['silver.persons_anonymized'],
            rows: null,
            last_build: null,
          },
        ],
      },
    });
    const { stdout } = await project.run('models', '--format', 'mermaid');
    expect(stdout).toContain('bronze__persons --> silver__persons_anonymized');
    expect((await project.ask('check')).document).toMatchObject({ error: { code: 'E_NO_WAREHOUSE' } });
  });

  it('check what lands, stop the publication, and run alone', async () => {
    setChecks(
      '{ check: row_count, severity: error, min: 10 }',
      '{ check: accepted_values, severity: warn, column: gender, values: [nobody] }',
    );
    const run = await project.ask('run', '--records', '40', '--date', DATE);
    expect(run.exit).toBe(0);
    const enough = { check: 'persons.row_count', date: DATE, severity: 'error', passed: true, found: 40 };
    const gender = { check: 'persons.accepted_values.gender', severity: 'warn', passed: false };
    expect(run.document).toMatchObject({
      checks: expect.arrayContaining([expect.objectContaining(enough)]) as unknown,
    });

    const alone = await project.ask('check');
    expect(alone).toMatchObject({
      exit: 0,
      document: {
        checks: [enough, gender, { check: 'persons_anonymized_is_general', dataset: null, passed: true }],
      },
    });
    expect(JSON.stringify(alone.document)).toMatch(/"tokens":\["local_[0-9a-f]{32}"/);
    const { stdout } = await project.run('check', '--date', DATE);
    expect(stdout).toContain('3 checks, 1 failed.');
    const { document: log } = await project.ask('logs', '--level', 'warn');
    expect(JSON.stringify(log)).toMatch(
      /"event":"check_failed"[^}]*"found":40,"tokens":"local_[0-9a-f]{32} /,
    );

    setChecks('{ check: row_count, severity: error, min: 41 }');
    const failed = await project.ask('transform');
    expect(failed).toMatchObject({
      exit: 4,
      document: {
        error: { code: 'E_CHECK_FAILED', message: `check persons.row_count found 40 rows on ${DATE}` },
      },
    });
    expect(await project.ask('check')).toMatchObject({
      exit: 4,
      document: { checks: [{ passed: false }, { passed: true }], error: { code: 'E_CHECK_FAILED' } },
    });
    setChecks('{ check: row_count, severity: warn, min: 41 }');
    expect((await project.ask('transform')).exit).toBe(0);
    await project.ask('ingest', '--records', '40', '--date', DAY_BEFORE);
    expect(await project.ask('check', '--date', DAY_BEFORE)).toMatchObject({
      exit: 2,
      document: { error: { code: 'E_NOT_BUILT' } },
    });
    const sql =
      'select distinct passed, found from ops.checks where "check" = \'persons.row_count\' order by all';
    expect((await project.ask('query', sql)).document).toMatchObject({
      rows: [
        { passed: false, found: 40 },
        { passed: true, found: 40 },
      ],
    });
  });

  it('say what was built, and when', async () => {
    await project.ask('run', '--records', '40', '--date', DATE);
    const built = { model: 'silver.persons_anonymized', rows: 40 };
    expect((await project.ask('transform')).document).toMatchObject({
      models: [{ ...built, built: 'skipped' }],
    });
    const full = await project.ask('transform', '--full');
    expect(full.document).toMatchObject({ models: [{ ...built, built: 'full', dates: 1 }] });
    const { stdout } = await project.run('transform');
    expect(stdout).toContain('unchanged   silver.persons_anonymized, 40 rows: its inputs have not changed');
    const { document } = await project.ask('models');
    expect(document).toMatchObject({
      models: [
        { rows: 40, last_build: expect.stringMatching(/^\d{4}-/) as string },
        { model: 'gold.persons_release' },
      ],
    });
    expect((await project.run('models')).stdout).toMatch(
      /silver\.persons_anonymized +incremental by ingest_date +40/,
    );
  });

  it('tell which test of a model fails, by the rows of its author', async () => {
    const file = join(project.dir, 'sql/persons/tests/persons_anonymized.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace("age_group: '[90+]'", "age_group: '[80-90]'"));
    const { exit, stdout, stderr } = await project.run('test');
    expect(exit).toBe(4);
    expect(stdout).toMatch(
      /fail {2}silver\.persons_anonymized\n +expected .*\[80-90\].*\n +actual .*\[90\+\]/,
    );
    expect(stderr).toContain('E_TEST_FAILED');
  });
});
