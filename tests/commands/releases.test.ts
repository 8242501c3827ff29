import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/base/types/result.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** What a user sees of the release of `persons`: what was measured, what was made coarser, and a gate that fails. */

const DATE = '2026-11-20';
const RUN = ['run', '--records', '3000', '--date', DATE] as const;

let project: SampleProject;
let definition: string;
beforeAll(async () => {
  project = makeSampleProject();
  definition = readFileSync(join(project.dir, 'pipelines/persons.yaml'), 'utf8');
  expect((await project.ask(...RUN)).exit).toBe(0);
});
afterAll(() => {
  project.remove();
});
beforeEach(() => {
  define();
});

/** Writes the definition with parts of its release replaced. */
function define(...changes: readonly (readonly [string, string])[]): void {
  const text = changes.reduce((all, [from, to]) => {
    expect(all).toContain(from);
    return all.replace(from, to);
  }, definition);
  writeFileSync(join(project.dir, 'pipelines/persons.yaml'), text);
}

async function build(): Promise<RunResult['releases'][number]> {
  const { exit, document } = await project.ask('transform', 'persons');
  expect(exit).toBe(0);
  const [release] = (document as Pick<RunResult, 'releases'>).releases;
  if (release === undefined) throw new Error('there is no release');
  return release;
}

/** Sum of levels. */
const height = ({ levels }: Pick<RunResult['releases'][number], 'levels'>) =>
  levels.reduce((sum, { level }) => sum + level, 0);

const query = async (sql: string) => {
  const { document } = await project.ask('query', sql);
  return (document as { rows: Record<string, unknown>[] }).rows.map((row) => Object.values(row));
};

const readReports = async () => {
  const { document } = await project.ask('report', 'persons');
  return (document as { reports: unknown }).reports;
};

describe('the release of persons', () => {
  it('is generalized until five people look the same, on its only date', async () => {
    const release = await build();
    expect(release).toMatchObject({ outcome: 'generalized', counts: 'people', tried: 48, people: 3000 });
    expect(release.dates[0]?.after.k).toBeGreaterThanOrEqual(5);
    expect(release.dates[0]?.before).toMatchObject({ k: 1 });
    const smallest =
      'select min(n)::integer from (select count(*) as n from gold.persons_release group by all_but_rows)';
    const columns = 'country, gender, age_group, email, ingest_date';
    expect(await query(smallest.replace('all_but_rows', columns))).toEqual([[release.dates[0]?.after.k]]);
  });

  it('is printed in a few lines', async () => {
    const { stdout } = await project.run('transform', 'persons', '--full');
    expect(stdout).toMatch(/Release gold\.persons_release, from silver\.persons_anonymized, 2026-11-20\n/);
    expect(stdout).toMatch(/ {2}k +\d people or more look the same \(required 5\); before: 1, and \d/);
    expect(stdout).toMatch(/ {2}l, t +not measured: no column is named as sensitive/);
    expect(stdout).toMatch(/ {2}generalized .*country to /);
    expect(stdout).toMatch(/ {2}left out +rows of \d+ of 3,000 people in small classes, [0-5]\.\d %/);
  });

  it('is measured again as it is published, and counted in the metrics', async () => {
    await build();
    const { exit, stdout } = await project.run('privacy', 'gold.persons_release');
    expect(exit).toBe(0);
    expect(stdout).toContain('Required and met: k ≥ 5');
    expect((await project.ask('privacy', 'silver.persons_anonymized')).document).toMatchObject({
      error: { code: 'E_USAGE', message: 'silver.persons_anonymized is no release' },
    });
    const metrics = (await project.run('metrics')).stdout;
    expect(metrics).toMatch(
      /^lakeveil_release_k\{pipeline="persons",release="gold\.persons_release"\} \d+$/m,
    );
    expect(metrics).toMatch(/^lakeveil_release_k_required\{.*\} 5$/m);
  });

  it('is in ops.privacy, and holds no token', async () => {
    await project.ask('transform', 'persons', '--full');
    const rows = await query(
      "select release, date, k >= 5, k_before, levels like 'country=%' from ops.privacy where release is not null and date is not null order by run_id desc limit 1",
    );
    expect(rows).toEqual([['gold.persons_release', DATE, true, 1, true]]);
    const { document } = await project.ask('export', 'gold.persons_release', '--out', project.dir);
    expect(document).not.toHaveProperty('error');
  });

  it('is coarser where more people must look the same, and the reports answer as before', async () => {
    const before = await build();
    const reports = await readReports();
    define(['require: { k: 5 }', 'require: { k: 50 }']);
    const after = await build();
    expect(height(after)).toBeGreaterThan(height(before));
    expect(after.dates[0]?.after.k).toBeGreaterThanOrEqual(50);
    expect(await readReports()).toEqual(reports);
  });

  it('stays as it was where a breach fails, with exit code 5', async () => {
    await build();
    const count = 'select count(*)::integer, min(country) from gold.persons_release';
    const before = await query(count);
    const ladders = definition.slice(definition.indexOf('    ladders:'), definition.indexOf('datasets:\n'));
    define([ladders, '\n'], ['on_breach: generalize', 'on_breach: fail']);
    const { exit, stderr } = await project.run('transform', 'persons');
    expect(exit).toBe(5);
    expect(stderr).toMatch(/gold\.persons_release was not published: \d+\.\d % of people are in classes/);
    expect(stderr).toContain('write `on_breach: generalize` with ladders');
    expect(await query(count)).toEqual(before);
    define();
    expect((await build()).outcome).toBe('generalized');
  });
});

describe('a definition with a wrong release', () => {
  it.each([
    ['[10 years, 30 years', '[10 years, 15 years', /this step is not coarser than the one before/],
    ['[10 years, 30 years', '[10 years, often', /unknown step/],
    ['[country, gender', '[country, country', /named twice/],
    ['on_breach: generalize', 'on_breach: sometimes', /on_breach/],
    ['require: { k: 5 }', 'require: { k: 5, l: 2 }', /requires a sensitive column/],
    ['require: { k: 5 }', 'require: { k: 1 }', /require\.k/],
    ['sql/persons/hierarchies', 'sql/other/hierarchies', /not below sql\/persons/],
    ['on_breach: generalize', 'on_breach: suppress', /uses no ladder/],
  ])('with %s → %s is refused', async (from, to, text) => {
    define([from, to]);
    const { exit, stderr } = await project.run('explain', 'persons');
    expect(exit).toBe(2);
    expect(stderr).toMatch(text);
  });
});
