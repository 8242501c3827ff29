import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SMALL, withInstance } from '../../src/base/duckdb.js';
import type { CheckResult } from '../../src/base/types/run-record.js';
import { findRowFilter } from '../../src/warehouse/checks/dated-check.js';
import type { LandedPartition } from '../../src/warehouse/landed-partition.js';
import { inspectSelect } from '../../src/warehouse/sql/inspect-sql.js';
import {
  landPeople,
  makeProject,
  type Project,
  RUN,
  transform,
  writeModel,
  writeSql,
} from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const land = (date: string, country?: string) => landPeople(project, date, country, 2);
const writeCheck = (sql: string, severity = 'warn') =>
  writeSql(project, 'persons/checks/found.sql', `-- severity: ${severity}\n${sql}`);

async function check(partitions: readonly LandedPartition[]): Promise<number | undefined> {
  const found: CheckResult[] = [];
  await transform(project, { partitions, runs: [RUN], onChecks: (checks) => found.push(...checks) });
  return found.find((one) => one.check === 'found')?.found;
}

const NO_PERU = `select country from silver.who where country = 'Peru'`;

describe('an SQL check of single rows', () => {
  it('finds rows of a new date, of a changed date, and of dates that it found before', async () => {
    await writeModel(project);
    await writeCheck(NO_PERU);
    const first = await land('2026-11-16');
    expect(await check([first])).toBe(0);
    expect(await check([first, await land('2026-11-17', 'Peru')])).toBe(2);
    expect(await check([first, await land('2026-11-17', 'Peru'), await land('2026-11-18')])).toBe(2);
    const changed = await land('2026-11-16', 'Peru');
    expect(await check([changed, await land('2026-11-17'), await land('2026-11-18')])).toBe(2);
    expect(await check([await land('2026-11-16'), await land('2026-11-17')])).toBe(0);
  });

  it('reads all dates again when its SQL or the model has changed', async () => {
    await writeModel(project);
    await writeCheck(NO_PERU);
    const partitions = [await land('2026-11-16'), await land('2026-11-17')];
    expect(await check(partitions)).toBe(0);
    await writeCheck(`select country from silver.who where country = 'Germany'`);
    expect(await check(partitions)).toBe(4);
    await writeCheck(NO_PERU);
    await writeModel(
      project,
      `-- description: who
-- materialize: incremental by ingest_date
select person_token, 'Peru' as country, _ingest_date as ingest_date from bronze.persons`,
    );
    expect(await check(partitions)).toBe(4);
  });

  it('finds what the whole table has, whatever lands', async () => {
    await writeModel(project);
    await writeCheck(NO_PERU);
    const days = ['2026-11-16', '2026-11-17', '2026-11-18'];
    const step = fc.record({ day: fc.constantFrom(...days), country: fc.constantFrom('Peru', 'Germany') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        const landed = new Map<string, LandedPartition>();
        const countries = new Map<string, string>();
        for (const { day, country } of steps) {
          landed.set(day, await land(day, country));
          countries.set(day, country);
          const peru = [...countries.values()].filter((name) => name === 'Peru').length;
          expect(await check([...landed.values()])).toBe(2 * peru);
        }
      }),
      { numRuns: 6, seed: 3 },
    );
  });

  it.each([
    [NO_PERU, `(select * from X)`],
    ['select w.country from silver.who as w where w.country is null', '(select * from X) as w'],
    [`select who.country from "silver"."who" where length(who.country) > 90`, '(select * from X) as "who"'],
    [`-- Perú\nselect country from SILVER.WHO where country = 'Perú'`, '(select * from X)'],
  ])('is read by dates: %s', async (sql, from) => {
    const filter = await readFilter(sql);
    expect(filter?.table).toBe('silver.who');
    const text = `${filter?.before ?? ''}(select * from X)${filter?.as ?? ''}${filter?.after ?? ''}`;
    expect(text).toContain(from);
    expect(text.replace(/\(select \* from X\)(?: as "who")?/, 'T').length).toBeLessThan(sql.length);
  });

  it.each([
    'select country from silver.who group by country having count(*) > 1',
    'select count(*) as n from silver.who',
    'select distinct country from silver.who',
    'select country from silver.who limit 1',
    'select country from silver.who where country in (select country from silver.other)',
    'select country, row_number() over (order by country) as n from silver.who',
    'select country from silver.who qualify row_number() over (order by country) = 1',
    'select a.country from silver.who as a join silver.other as b on a.country = b.country',
    'with x as (select 1 as y) select country from silver.who',
    'select country from silver.who where day < current_date',
    'select country from silver.who where day < today()',
    'select silver.who.country from silver.who',
    'select country from silver.who using sample 10 rows',
    'select country from silver.who union all select country from silver.other',
    'select unnest([country]) as c from silver.who',
    'select country from who',
    'select max(country) filter (where country is null) as c from silver.who',
  ])('is read whole: %s', async (sql) => {
    expect(await readFilter(sql)).toBeNull();
  });
});

function readFilter(sql: string) {
  return withInstance(SMALL, async (connection) => {
    const inspection = await inspectSelect(connection, sql);
    if ('problem' in inspection) throw new Error(inspection.problem);
    return findRowFilter(sql, inspection);
  });
}
