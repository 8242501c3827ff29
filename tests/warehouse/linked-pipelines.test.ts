import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findLinked } from '../../src/warehouse/linked-pipelines.js';
import { closeAfterTest } from '../support/after-each.js';

/** Pipelines a, b and c with a dataset of that name each, and SQL. */
async function link(files: Readonly<Record<string, string>>, start = 'a'): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'lakeveil-linked-'));
  closeAfterTest(() => rm(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  const pipelines = ['a', 'b', 'c'].map((pipeline) => ({ pipeline, datasets: [`${pipeline}_rows`] }));
  return [...(await findLinked(dir, pipelines, start))].sort();
}

const A = { 'a/silver/people.sql': '-- publish: main.folk\nselect 1 from bronze.a_rows' };

describe('pipelines are linked', () => {
  it.each([
    ['by a table', 'select 1 from silver.people'],
    ['by a table in quotes', 'select 1 from "silver" . "People"'],
    ['by a dataset', 'select 1 from bronze.a_rows'],
    ['by what landed last of a snapshot', 'select 1 from bronze.a_rows_latest'],
    ['by a view without a schema', 'select 1 from folk'],
    ['by a table after a name with a quote', `select 1 as "it's" from silver.people where x = 'y'`],
    ['by a table between texts of dollars', `select $$it's$$ from silver.people where x = 'y'`],
    ['by a table after a text with an escape', `select e'it\\'s' from silver.people where x = 'y'`],
    ['by a table after a comment with a quote', `-- it's\nselect 1 from silver.people where x = 'y'`],
  ])('%s, in both directions', async (_, sql) => {
    const files = { ...A, 'b/gold/x.sql': sql };
    expect([await link(files), await link(files, 'b')]).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
  });

  it.each(['checks', 'reports', 'silver'])('by %s', async (folder) => {
    expect(await link({ ...A, [`b/${folder}/x.sql`]: 'select 1 from silver.people' })).toEqual(['a', 'b']);
  });

  it('through others', async () => {
    const files = { 'b/gold/x.sql': 'select 1 from silver.people', 'c/gold/y.sql': 'select 1 from gold.x' };
    expect(await link({ ...A, ...files }, 'c')).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['a comment', '-- of silver.people\nselect 1 from bronze.b_rows /* silver.people */'],
    ['a text', `select 'silver.people' from bronze.b_rows`],
    ['a column of the same name', 'select people from bronze.b_rows'],
  ])('and not by %s', async (_, sql) => {
    expect(await link({ ...A, 'b/gold/x.sql': sql })).toEqual(['a']);
  });
});
