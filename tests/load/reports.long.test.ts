import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSampleProject } from '../commands/sample-project.js';
import { closeAfterTest } from '../support/after-each.js';
import { findPostgres, type Postgres, startPostgres } from '../support/postgres.js';
import { askServer } from './postgres-subject.js';

const DATE = '2026-11-20';
const PAGE = readFileSync(new URL('../../docs/load.md', import.meta.url), 'utf8');
/** The reports of the page by name. */
const QUERIES = [...PAGE.matchAll(/^```sql\n-- (\w+)\n(.*?)^```$/gms)].map(
  ([, name = '', sql = '']) => [name, sql] as const,
);

const isThere = findPostgres() !== null;
let server: Postgres;
beforeAll(async () => {
  if (isThere) server = await startPostgres();
});
afterAll(async () => {
  if (isThere) await server.stop();
});

describe.runIf(isThere)('the tables of persons in PostgreSQL', () => {
  it('give the results of the reports, and hold what their definitions promise', async () => {
    const project = makeSampleProject();
    closeAfterTest(async () => {
      project.remove();
      await Promise.resolve();
    });
    const target = `{ type: postgres, url: '\${WAREHOUSE_URL}', schema_prefix: lakeveil_, tokens: true }`;
    await writeFile(join(project.dir, 'targets.yaml'), `targets:\n  t: ${target}\n`);
    await writeFile(join(project.dir, '.env'), `WAREHOUSE_URL=${server.url('postgres')}\n`);
    expect((await project.run('run', '--date', DATE, '--records', '5000', '--quiet')).exit).toBe(0);
    expect((await project.run('load', 'persons', '--to', 't', '--quiet')).exit).toBe(0);
    const { document } = await project.ask('report', '--date', DATE);
    const { reports } = document as { reports: { report: string; rows: Record<string, unknown>[] }[] };
    expect(QUERIES.map(([name]) => name)).toHaveLength(3);
    for (const [name, sql] of QUERIES) {
      const own = reports.find(({ report }) => report === name)?.rows ?? [];
      const there = await askServer(server, 'postgres', sql);
      const asNumbers = (cells: readonly unknown[]) =>
        cells.map((cell) => (Number.isNaN(Number(cell)) ? cell : Number(cell)));
      expect([name, there.map(asNumbers)]).toEqual([name, own.map((row) => asNumbers(Object.values(row)))]);
      expect(there.length).toBeGreaterThan(0);
    }
    const table = 'lakeveil_silver.persons_anonymized';
    const wrong = await askServer(
      server,
      'postgres',
      `select count(*) from ${table} where person_token is null or ingest_date is null
       union all select count(*) - count(distinct (person_token, ingest_date)) from ${table}
       union all select count(*) - 5000 from ${table}`,
    );
    expect(wrong).toEqual([['0'], ['0'], ['0']]);
  });
});
