import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportOn } from '../../src/actions/export/export-on.js';
import { gatherPipeline, writeReportCsv } from '../../src/dashboard/data/gather-reports.js';
import { openSnapshot } from '../../src/dashboard/data/lake-snapshot.js';
import { backfill, report, run } from '../../src/pipeline.js';
import { DATE, makeProject } from '../ingest/land-project.js';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';

const writePage = (baseUrl: string): string => `
pipeline: shop
source: { base_url: ${baseUrl}, retries: 0 }
datasets:
  shop_people:
    time: by_date
    request: { path: '/people/{date}', records: '' }
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 9999, x-pii: none }
          born: { type: string, format: date, x-pii: quasi }
    landing:
      id: { from: id, treat: keep }
      born: { from: born, treat: keep, raw_only: true, reviewed: a test looks at it }
`;
const PEOPLE = `-- description: People.
-- materialize: incremental by ingest_date
-- publish: main.people
select id, born, _ingest_date as ingest_date from bronze.shop_people
`;
const HEAD = '-- title: People\n-- internal\n';
const SHOWN = 'select born, 1 as n from silver.people where ingest_date = $date order by born';
const REPORT = 'sql/shop/reports/births.sql';

async function start(sql: string | null) {
  const server = await serve((asked, response) => {
    return bytes('[{"id":1,"born":"1950-03-04"}]')(response, asked);
  });
  const project = await makeProject({
    'pipelines/shop.yaml': writePage(server.url.origin),
    'sql/shop/silver/people.sql': PEOPLE,
    ...(sql === null ? {} : { [REPORT]: sql }),
  });
  const put = async (text: string): Promise<void> => {
    await mkdir(dirname(join(project.dir, REPORT)), { recursive: true });
    await writeFile(join(project.dir, REPORT), text);
  };
  const runOnce = async () => {
    const request = { pipeline: 'shop', date: DATE, slot: null, dataset: null, source: null, seed: null };
    return run(await project.open(), { ...request, force: false, asOfNow: false, limitPages: null });
  };
  const fill = async () =>
    backfill(await project.open(), {
      ...{ pipeline: 'shop', dates: [DATE], datesInParallel: 1, source: null },
      ...{ dryRun: false, force: false, stalePolicy: false, asOfNow: false },
    });
  return { project, put, runOnce, fill, asked: () => server.asked.length };
}

const WAY = 'report.births.born ← silver.people.born ← bronze.shop_people.born';

describe('a report is refused before the source is asked', () => {
  it.each([
    ['a column that is raw only', SHOWN, 'E_LINEAGE', WAY],
    ['it by a star', 'select *, 1 as n from silver.people order by id', 'E_LINEAGE', WAY],
    [
      'it by the name that a model is published under',
      'select year(born) as born, 1 as n from people order by born',
      'E_LINEAGE',
      WAY,
    ],
    [
      'it with its schema',
      'select born, count(*) as n from main.people group by born order by born',
      'E_LINEAGE',
      WAY,
    ],
    [
      'rows that it chooses',
      "select count(*) as n from people where born < '2000-01-01' order by n",
      'E_LINEAGE',
      'report.births.n ← silver.people.born ← bronze.shop_people.born',
    ],
    [
      'what nobody can tell the making of',
      'select (columns(*)), 1 as n from silver.people order by all',
      'E_LINEAGE',
      'births',
    ],
    ['a restricted raw zone', 'select count(*) as n from bronze.shop_people order by n', 'E_EXPORT_RAW', ''],
    [
      'a CTE whose name is not plain',
      'with "ü" as (select 1 as n) select n from "ü" order by n',
      'E_MODEL',
      'the name of a CTE on line 3 contains characters',
    ],
    ['what does not bind', 'select rowid as n from silver.people order by n', 'E_MODEL', 'rowid'],
    ['no table', 'select n from silver.nothing order by n', 'E_MODEL', 'there is no table silver.nothing'],
  ])('that shows or reads %s', async (_, sql, code, words) => {
    const { runOnce, fill, asked } = await start(HEAD + sql);
    for (const act of [runOnce, fill]) {
      const error: unknown = await act().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, exit: 2, where: { file: REPORT } });
      expect(String(error)).toContain(words);
    }
    expect(asked()).toBe(0);
  });

  it.each([
    ['names no column', '-- exposes: other because WHY\n', SHOWN, 'E_LINEAGE'],
    ['names no reason', '-- exposes: born\n', SHOWN, 'E_MODEL'],
    [
      'is of a column that shows no such thing',
      '-- exposes: n because WHY\n',
      'select 1 as n order by n',
      'E_LINEAGE',
    ],
  ])('whose `exposes` %s', async (_, lines, sql, code) => {
    const { runOnce, asked } = await start(HEAD + lines + sql);
    await expect(runOnce()).rejects.toMatchObject({ code, where: { file: REPORT } });
    expect(asked()).toBe(0);
  });
});

describe('a report runs', () => {
  it.each([
    ['that says why it shows what is raw only', '-- exposes: born, n because a test looks at it\n', SHOWN],
    [
      'that says why it chooses rows by it',
      '-- exposes: n because a test counts them\n',
      "select count(*) as n from people where born < '2000-01-01' order by n",
    ],
    ['of tables of the lake itself', '', 'select count(*) as n from ops.partitions order by n'],
  ])('%s', async (_, lines, sql) => {
    const { runOnce } = await start(HEAD + lines + sql);
    const { reports } = await runOnce();
    expect(reports).toMatchObject([{ report: 'births', rows: [{ n: 1 }] }]);
  });
});

describe('a report that came in after the tables', () => {
  it('is neither run, nor exported, nor on a page', async () => {
    const { project, put, runOnce } = await start(null);
    await runOnce();
    await put(HEAD + SHOWN);
    const opened = await project.open();
    const refused = { code: 'E_LINEAGE', exit: 2 };
    await expect(report(opened, 'shop', [], null)).rejects.toMatchObject(refused);
    const request = { pipeline: 'shop', names: [], date: null, format: 'csv', out: null } as const;
    await expect(exportOn(opened, { ...request, withTokens: true })).rejects.toMatchObject(refused);
    const one = { pipeline: 'shop', report: 'births', date: DATE };
    await expect(writeReportCsv(openSnapshot(opened, null), one)).rejects.toMatchObject(refused);
    const page = await gatherPipeline(openSnapshot(opened, null), 'shop', null);
    expect(page.reports).toMatchObject([{ name: 'births', result: { code: 'E_LINEAGE' } }]);
    expect(JSON.stringify(page)).not.toContain('1950');
  });

  it('leaves the others as they are', async () => {
    const { project, put, runOnce } = await start(null);
    await runOnce();
    await put(HEAD + SHOWN);
    const fine = `${HEAD}select count(*) as n from people order by n`;
    await writeFile(join(project.dir, 'sql/shop/reports/count.sql'), fine);
    const opened = await project.open();
    const { reports } = await report(opened, 'shop', ['count'], null);
    expect(reports).toMatchObject([{ report: 'count', rows: [{ n: 1 }] }]);
    const page = await gatherPipeline(openSnapshot(opened, null), 'shop', null);
    expect(page.reports.map(({ result }) => 'code' in result)).toEqual([true, false]);
  });
});
