import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExportInput, exportResults } from '../../src/report/export-results.js';
import type { ShownReport } from '../../src/report/report-file.js';
import { openReader } from '../../src/warehouse/published/open-reader.js';
import {
  describePipeline,
  landedPerson,
  landRows,
  makeProject,
  type Project,
  transform,
} from '../warehouse/lake-fixture.js';
import { loadShown } from './load-shown.js';

const DATE = '2026-11-20';
const SHIPPED = join(import.meta.dirname, '..', '..', 'sql', 'persons');

let project: Project;
beforeAll(async () => {
  project = await makeProject();
  const people = Array.from({ length: 5000 }, (_, person) =>
    landedPerson(
      person,
      person === 0 ? { country: '=Evil' } : person === 1 ? { country: '\ufeffMarked' } : {},
    ),
  );
  const partitions = [await landRows(project, DATE, people)];
  await transform(project, { partitions, pipelines: [describePipeline(null)] });
});
afterAll(() => project.remove());

async function exportNames(names: string[], input: Partial<ExportInput> = {}) {
  return exportResults({
    openReader: (writeDir) => openReader({ ...project, openZones: [], writeDir }),
    reports: await loadShown(SHIPPED),
    names,
    date: DATE,
    format: 'csv',
    projectDir: project.root,
    out: null,
    forbidden: [
      { place: 'data_lake', dir: project.lakeDir },
      { place: 'sql', dir: join(project.root, 'sql') },
    ],
    withTokens: false,
    ...input,
  });
}

async function readKept(dir: string): Promise<ShownReport> {
  const [report] = await loadShown(dir);
  if (report === undefined) throw new Error('no report');
  return report;
}

const out = (name: string) => join(project.root, 'out', name);

describe('an export', () => {
  it('goes to exports/<date>/<name>.csv, open to the owner alone', async () => {
    const [file, ...more] = await exportNames(['top_gmail_countries']);
    expect(more).toEqual([]);
    const path = join(project.root, 'exports', DATE, 'top_gmail_countries.csv');
    expect(file).toEqual({ name: 'top_gmail_countries', path, rows: 3, blanked: null });
    expect(await readFile(path, 'utf8')).toBe(
      "country,gmail_users\r\nGermany,4998\r\n'=Evil,1\r\n\ufeffMarked,1\r\n",
    );
    expect((await stat(join(project.root, 'exports'))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(project.root, 'exports', DATE))).toEqual(['top_gmail_countries.csv']);
  });

  it('writes every report when none is named', async () => {
    const files = await exportNames([], { out: out('all'), format: 'json' });
    expect(files.map(({ name }) => name)).toEqual([
      'email_provider_count',
      'germany_gmail_percentage',
      'over60_gmail_users',
      'top_gmail_countries',
    ]);
    const text = await readFile(out('all/top_gmail_countries.json'), 'utf8');
    expect(JSON.parse(text)).toEqual([
      { country: 'Germany', gmail_users: 4998 },
      { country: '=Evil', gmail_users: 1 },
      { country: '\ufeffMarked', gmail_users: 1 },
    ]);
  });

  it('is the same table in every format, over several batches', async () => {
    const name = 'silver.persons_anonymized';
    for (const format of ['csv', 'json', 'parquet'] as const) {
      const [file] = await exportNames([name], { out: out('tables'), format, withTokens: true });
      expect(file?.rows).toBe(5000);
    }
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    for (const reader of ['read_csv', 'read_json', 'read_parquet']) {
      const path = out(`tables/${name}.${reader.slice('read_'.length)}`);
      const sql = `select count(*), count(distinct person_token), min(ingest_date)::varchar from ${reader}('${path}')`;
      expect((await connection.runAndReadAll(sql)).getRowsJson()).toEqual([['5000', '5000', DATE]]);
    }
    instance.closeSync();
    expect((await readdir(out('tables'))).filter((entry) => entry.startsWith('.'))).toEqual([]);
  });

  it('keeps digits, lists and structs', async () => {
    const reports = join(project.root, 'sql', 'kept', 'reports');
    await mkdir(reports, { recursive: true });
    await writeFile(
      join(reports, 'kept.sql'),
      `-- title: Kept
-- people: total
select sum(n) as total, [sum(n)] as list, {'a': max(n), 'b c': ['x', null]} as pair, map {'k': 1} as map, date '2026-01-02' as day, $date as asked
from (select unnest([9007199254740993, 9007199254740993, 9007199254740993]) as n) order by 1`,
    );
    const input = { reports: [await readKept(join(reports, '..'))], out: out('kept') };
    for (const format of ['csv', 'json', 'parquet'] as const)
      await exportNames(['kept'], { ...input, format });
    const total = '27021597764222979';
    const pair = { a: '9007199254740993', 'b c': ['x', null] };
    const json: unknown = JSON.parse(await readFile(out('kept/kept.json'), 'utf8'));
    expect(json).toEqual([
      { total, list: [total], pair, map: [{ key: 'k', value: 1 }], day: '2026-01-02', asked: DATE },
    ]);
    expect(await readFile(out('kept/kept.csv'), 'utf8')).toContain(`${total},"[""${total}""]",`);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const types = `select column_type from (describe from '${out('kept/kept.parquet')}')`;
    expect((await connection.runAndReadAll(types)).getRowsJson().flat()).toEqual([
      'DECIMAL(38,0)',
      'DECIMAL(38,0)[]',
      'STRUCT(a BIGINT, "b c" VARCHAR[])',
      'MAP(VARCHAR, INTEGER)',
      'DATE',
      'DATE',
    ]);
    const values = `select total::varchar, list[1]::varchar from '${out('kept/kept.parquet')}'`;
    expect((await connection.runAndReadAll(values)).getRowsJson()).toEqual([[total, total]]);
    instance.closeSync();
  });

  it('is refused as Parquet beyond 38 digits, and where Parquet would hold another type', async () => {
    const kept = async (select: string) => {
      const reports = join(project.root, 'sql', 'refused', 'reports');
      await mkdir(reports, { recursive: true });
      await writeFile(
        join(reports, 'kept.sql'),
        `-- title: Kept\n-- people: total\nselect ${select} as total order by 1`,
      );
      const input = {
        reports: [await readKept(join(reports, '..'))],
        out: out('refused'),
        format: 'parquet',
      } as const;
      return exportNames(['kept'], input);
    };
    const most = `170141183460469231731687303715884105727::hugeint`;
    await expect(kept(most)).rejects.toMatchObject({ code: 'E_SQL_RUN' });
    await expect(kept(`union_value(a := 1)`)).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(/column total is UNION.*which Parquet holds as/) as string,
    });
    expect(await readdir(out('refused'))).toEqual([]);
  });

  it('of nothing is a valid file', async () => {
    await exportNames(['ops.drift'], { out: out('empty'), format: 'json' });
    await exportNames(['ops.drift'], { out: out('empty') });
    expect(await readFile(out('empty/ops.drift.json'), 'utf8')).toBe('[]\n');
    expect(await readFile(out('empty/ops.drift.csv'), 'utf8')).toBe(
      'run_id,pipeline,dataset,date,kind,path,count\r\n',
    );
  });

  it('replaces the one before', async () => {
    await exportNames(['over60_gmail_users'], { out: out('again') });
    await exportNames(['over60_gmail_users'], { out: out('again') });
    expect(await readFile(out('again/over60_gmail_users.csv'), 'utf8')).toBe('gmail_users\r\n0\r\n');
  });
});

describe('an export is refused', () => {
  it.each(['csv', 'json', 'parquet'] as const)(
    'as %s, when a column holds tokens, with its name',
    async (format) => {
      const broken = exportNames(['over60_gmail_users', 'main.persons_anonymized'], {
        out: out(format),
        format,
      });
      await expect(broken).rejects.toMatchObject({
        code: 'E_EXPORT_TOKENS',
        message: 'main.persons_anonymized contains tokens (person_token)',
      });
      expect(await readdir(out(format))).toEqual([]);
    },
  );

  it.each(['csv', 'parquet'] as const)(
    'as %s, when it is bronze of a restricted raw zone',
    async (format) => {
      const broken = exportNames(['bronze.persons'], { out: out('raw'), format, withTokens: true });
      await expect(broken).rejects.toMatchObject({ code: 'E_EXPORT_RAW' });
      expect(await readdir(out('raw'))).toEqual([]);
    },
  );

  it.each(['nothing', 'silver.nothing', 'silver.persons_anonymized.x', '.', 'a.b"; drop table x; --'])(
    'for the unknown name %s',
    async (name) => {
      await expect(exportNames([name], { out: out('unknown') })).rejects.toMatchObject({ code: 'E_UNKNOWN' });
    },
  );

  it('into a folder of the project that is not for exports, by whatever way', async () => {
    await mkdir(join(project.root, 'links'));
    await symlink(project.lakeDir, join(project.root, 'links', 'lake'));
    const places = [
      project.lakeDir,
      join(project.lakeDir, 'raw', 'new', 'deep'),
      join(project.root, 'sql', '..', 'data_lake'),
      join(project.root, 'links', 'lake', 'raw'),
      join(project.root, 'sql', 'persons'),
    ];
    for (const place of places) {
      const broken = exportNames(['over60_gmail_users'], { out: place });
      await expect(broken, place).rejects.toMatchObject({ code: 'E_OUT_DIR', exit: 2 });
    }
    expect(await readdir(join(project.lakeDir, 'raw'))).toEqual(['2026']);
  });

  it('when the folder is a file', async () => {
    const place = join(project.databasePath, 'below');
    await expect(exportNames(['over60_gmail_users'], { out: place })).rejects.toMatchObject({
      code: 'E_DISK',
      exit: 6,
    });
  });
});
