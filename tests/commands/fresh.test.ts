import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** Verbs in a project in which nothing has run yet. */

let project: SampleProject;
beforeEach(() => {
  project = makeSampleProject();
});
afterEach(() => {
  project.remove();
});

describe('explain', () => {
  it('tells every field: what lands, what of it, and what does not', async () => {
    const { exit, stdout } = await project.run('explain');
    expect(exit).toBe(0);
    expect(stdout).toContain('  zipcode         prefix (length 2)\n');
    expect(stdout).toContain('from firstname, lastname, email, phone, birthday, class direct');
    expect(stdout).toContain('  website (direct)\n');
    expect(stdout).toContain('a pattern bounds the form, not the meaning');
    expect(stdout).toContain('Masked is not anonymous');
    expect(stdout).toContain('\nselect\n');
  });

  it('gives the same to a program', async () => {
    const { document } = await project.ask('explain', 'persons');
    expect(document).toMatchObject({
      pipeline: 'persons',
      datasets: [{ dataset: 'persons', columns: { length: 15 }, dropped: { length: 6 } }],
    });
  });

  it('prints the SQL alone, which a database could parse', async () => {
    const { stdout } = await project.run('explain', '--sql');
    expect(stdout).toMatch(/^-- dataset persons\n(?:-- \$?[a-z_]+: .+\n)+select\n/);
    expect(stdout).toMatch(/\);\n$/);
  });

  it('needs no key, and makes none', async () => {
    await project.run('explain');
    expect(existsSync(join(project.dir, 'config'))).toBe(false);
    expect(existsSync(join(project.dir, 'db'))).toBe(false);
  });

  it('shows the id of a key, and not what else stands there', async () => {
    process.env['TOKEN_KEY_ID'] = 'k2026';
    try {
      expect((await project.run('explain', '--sql')).stdout).toContain('k2026_');
      process.env['TOKEN_KEY_ID'] = 'Canary+Canary/Canary';
      expect((await project.run('explain', '--sql')).stdout).not.toContain('Canary');
    } finally {
      delete process.env['TOKEN_KEY_ID'];
    }
  });
});

describe('init-db', () => {
  it('makes every schema and table, typed and empty, before any data', async () => {
    const { exit, stdout } = await project.run('init-db');
    expect(exit).toBe(0);
    expect(stdout).toContain('built       silver.persons_anonymized, 0 rows');
    const { document } = await project.ask('query', 'describe main.persons_anonymized');
    const { rows } = document as { rows: { column_name: string; column_type: string }[] };
    expect(rows.map(({ column_name: name, column_type: type }) => `${name} ${type}`)).toEqual([
      ...['person_token', 'country', 'country_code', 'city', 'gender', 'age_group', 'email'].map(
        (name) => `${name} VARCHAR`,
      ),
      'ingest_date DATE',
    ]);
    expect(await project.ask('query', 'select count(*) as n from ops.partitions')).toMatchObject({
      document: { rows: [{ n: 0 }] },
    });
  });

  it('is in the ledger, and can be done twice', async () => {
    await project.run('init-db');
    expect(await project.ask('init-db', 'persons')).toMatchObject({ exit: 0 });
    expect(await project.ask('runs')).toMatchObject({
      document: { runs: [{ command: 'init-db', status: 'succeeded' }, { command: 'init-db' }] },
    });
  });
});

describe('before anything has run', () => {
  it.each([
    ['runs', 'No runs.\n'],
    ['status', 'persons: no data has landed.\nNext: pipeline run persons\n'],
    ['verify', 'Checked 0 partitions, 0 files, 0 rows.\nNo problems found.\n'],
  ])('%s says so, and that is no error', async (verb, text) => {
    expect(await project.run(verb)).toMatchObject({ exit: 0, stdout: text });
  });
});

describe('doctor', () => {
  const statusOf = (document: unknown, name: string): unknown =>
    (document as { checks: { name: string; status: string; detail: string }[] }).checks.find(
      (check) => check.name === name,
    );

  it('finds nothing amiss in a fresh project, and makes nothing', async () => {
    const { exit, document } = await project.ask('doctor');
    expect(exit).toBe(0);
    expect(statusOf(document, 'definitions')).toMatchObject({ status: 'ok' });
    expect(statusOf(document, 'source of persons')).toMatchObject({ status: 'ok' });
    expect(statusOf(document, 'tables')).toMatchObject({ status: 'ok' });
    for (const made of ['config', 'data_lake', 'db']) expect(existsSync(join(project.dir, made))).toBe(false);
  });

  it('names the origin of a source that does not answer, and nothing more of it', async () => {
    process.env['FAKER_API_URL'] = 'http://127.0.0.1:1/canary';
    try {
      const { exit, document } = await project.ask('doctor');
      expect(exit).toBe(3);
      expect(statusOf(document, 'source of persons')).toMatchObject({ status: 'fail' });
      expect(document).toMatchObject({
        error: { code: 'E_SOURCE_CONNECT', where: { origin: 'http://127.0.0.1:1' } },
      });
      expect(JSON.stringify(document)).not.toContain('canary');
    } finally {
      delete process.env['FAKER_API_URL'];
    }
  });

  it('tells a definition that does not load, with its place', async () => {
    writeFileSync(join(project.dir, 'pipelines', 'broken.yaml'), 'pipeline: broken\nnosuch: 1\n');
    const { exit, document } = await project.ask('doctor');
    expect(exit).toBe(2);
    expect(statusOf(document, 'definitions')).toMatchObject({ status: 'fail' });
    expect(document).toMatchObject({
      error: { code: 'E_DEFINITION', where: { file: 'pipelines/broken.yaml' } },
    });
  });

  it('tells a ledger with a torn file in it, and a warehouse that is none', async () => {
    const day = join(project.dir, 'data_lake', '_runs', '2024', '03', '01');
    mkdirSync(day, { recursive: true });
    writeFileSync(join(day, 'notes.txt'), '');
    mkdirSync(join(project.dir, 'db'));
    writeFileSync(join(project.dir, 'db', 'lake.duckdb'), 'this is no database');
    const { exit, document } = await project.ask('doctor');
    expect(exit).toBe(6);
    expect(statusOf(document, 'ledger')).toMatchObject({ status: 'warn' });
    expect(statusOf(document, 'tables')).toMatchObject({ status: 'fail' });
  });
});
