import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDashboard } from '../dashboard/open-dashboard.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { runHere } from './run-here.js';

const DATE = '2026-11-20';
/** What a person adds to a sum, so that the sum of a small group is unmistakable wherever it is written. */
const MARK = 329_218_107;
const REPORT = `-- title: People by region, marked
-- chart: bar x=region y=marks
-- people: people
select
  region,
  count(distinct person_token) * ${MARK - 1} + count(distinct person_token) as marks,
  count(distinct person_token) as people,
  case when count(*) < 5 then 'a small group' else 'a large group' end as word
from silver.directory_people
where ingest_date = $date
group by region
order by people desc, region
`;

interface Document {
  readonly reports: readonly {
    readonly report: string;
    readonly rows: readonly Readonly<Record<string, unknown>>[];
    readonly blanked: { readonly rows: number; readonly cells: number; readonly columns: readonly string[] };
  }[];
}

let sandbox: Sandbox;
/** By name, what each command printed or wrote. */
const outputs = new Map<string, string>();
let counts: ReadonlyMap<string, number>;

beforeAll(async () => {
  sandbox = await makeSandbox(undefined, 'directory');
  writeFileSync(join(sandbox.project, 'sql/directory/reports/marked.sql'), REPORT);
  await run('run', 'run directory --json');
  await run('report', 'report directory marked');
  await run('report as JSON', 'report directory marked --json');
  for (const format of ['csv', 'json', 'parquet'])
    await run(
      `export as ${format}`,
      `export directory marked --format ${format} --out ${join(sandbox.root, format)}`,
    );
  await run('publish', `publish --out ${join(sandbox.root, 'site')}`);
  await run('publish to a file', `publish --single-file --out ${join(sandbox.root, 'site.html')}`);
  for (const command of [
    'metrics',
    'status --json',
    'runs --json',
    'models --json',
    'privacy silver.directory_people --quasi region --json',
  ])
    await run(command, command);
  await readDashboard();
  const { stdout } = await runHere(sandbox, [
    'query',
    `select region, count(distinct person_token) as people from silver.directory_people where ingest_date = '${DATE}' group by region`,
    '--json',
  ]);
  const { rows } = JSON.parse(stdout) as { rows: { region: string; people: number }[] };
  counts = new Map(rows.map(({ region, people }) => [region, people]));
});
afterAll(() => sandbox.remove());

async function run(name: string, command: string): Promise<void> {
  const date = /^(?:run|report|export)/.test(command)
    ? ['--date', DATE, ...(command.startsWith('run ') ? ['--as-of-now'] : [])]
    : [];
  const { exit, stdout, stderr } = await runHere(sandbox, [...command.split(' '), ...date]);
  expect(exit, `${name}: ${stderr}`).toBe(0);
  outputs.set(name, stdout);
  outputs.set(`${name}, log`, stderr);
}

async function readDashboard(): Promise<void> {
  const dashboard = await openDashboard(sandbox, { now: `${DATE}T12:00:00Z` });
  const cookie = await dashboard.enter();
  const get = async (path: string) => (await dashboard.ask(path, { headers: { cookie } })).body;
  const view = await get(`/pipelines/directory?date=${DATE}`);
  const href = /href="([^"]*marked[^"]*)"/.exec(view)?.[1] ?? '';
  outputs.set('view', view);
  outputs.set('CSV of the view', await get(href.replaceAll('&amp;', '&')));
  await dashboard.stop();
}

/** The text of every file that a command wrote for others, and of Parquet its cells. */
async function listFiles(): Promise<ReadonlyMap<string, string>> {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const files = new Map<string, string>();
  for (const folder of [
    'csv',
    'json',
    'parquet',
    'site',
    'site.html',
    'project/data_lake/_runs',
    'project/logs',
  ]) {
    const path = join(sandbox.root, folder);
    const names = folder.endsWith('.html') ? [''] : readdirSync(path, { recursive: true, encoding: 'utf8' });
    for (const name of names) {
      const file = join(path, name);
      if (name.endsWith('.parquet')) {
        const reader = await connection.runAndReadAll(
          `select columns(*)::varchar from read_parquet('${file}')`,
        );
        files.set(file, JSON.stringify(reader.getRowsJson()));
      } else if (/\.\w+$/.test(file)) files.set(file, readFileSync(file, 'utf8'));
    }
  }
  connection.closeSync();
  return files;
}

const readReport = (name: string) => {
  const { reports } = JSON.parse(outputs.get(name) ?? '') as Document;
  const report = reports.find((one) => one.report === 'marked');
  if (report === undefined) throw new Error('the report is not there');
  return report;
};

describe('a group of few people', () => {
  it('is in the data, so that this can fail', () => {
    expect([...counts.values()].filter((people) => people < 5).length).toBeGreaterThan(5);
    expect(outputs.get('report')).toContain(
      String(MARK * Math.max(...counts.values())).replace(/\B(?=(\d{3})+$)/g, ','),
    );
  });

  it('has no number in anything that a command prints or writes, nor has a row that would give it away', async () => {
    const hidden = readReport('report as JSON').rows.slice(-readReport('report as JSON').blanked.rows);
    const needles = hidden.flatMap(({ region }) => {
      const sum = String(MARK * (counts.get(String(region)) ?? 0));
      return [sum, sum.replace(/\B(?=(\d{3})+$)/g, ','), sum.replace(/\B(?=(\d{3})+$)/g, '_')];
    });
    expect(needles.length).toBeGreaterThan(15);
    for (const [place, text] of [...outputs, ...(await listFiles())]) {
      expect([
        place,
        needles.filter((needle) => new RegExp(`(?<![\\d,])${needle}(?![\\d,]*\\d)`).test(text)),
      ]).toEqual([place, []]);
      expect([place, text.includes('a small group') && !text.includes('case when')]).toEqual([place, false]);
    }
  });

  it('is null in a document, sorts last by label, and is counted', () => {
    for (const name of ['report as JSON', 'run']) {
      const { rows, blanked } = readReport(name);
      const shown = rows.slice(0, rows.length - blanked.rows);
      const hidden = rows.slice(shown.length);
      expect(blanked).toMatchObject({
        min_cell: 5,
        cells: 3 * hidden.length,
        columns: ['marks', 'people', 'word'],
      });
      expect(hidden).toEqual(hidden.map(({ region }) => ({ region, marks: null, people: null, word: null })));
      expect(hidden.map(({ region }) => region)).toEqual(hidden.map(({ region }) => region).sort());
      for (const { region, people } of shown)
        expect([region, people]).toEqual([region, counts.get(String(region))]);
      for (const [region, people] of counts)
        if (people < 5) expect(hidden.map((row) => row['region'])).toContain(region);
    }
  });

  it('is a star in the terminal and in views, with the reason', () => {
    const { blanked } = readReport('report as JSON');
    const note = `${blanked.cells} cells of ${blanked.rows} rows are hidden (*): fewer than 5 people, or needed so that no such number can be computed.`;
    for (const name of ['report', 'view', 'export as csv', 'export as parquet'])
      expect([name, outputs.get(name)?.includes(note)]).toEqual([name, true]);
    expect(readFileSync(join(sandbox.root, 'site.html'), 'utf8')).toContain(note);
    expect(outputs.get('report')).toMatch(/^\w+ \w+ +\* +\* +\*$/m);
  });

  it('is an empty field in a CSV file', () => {
    const { rows, blanked } = readReport('report as JSON');
    const regions = rows.slice(-blanked.rows).map(({ region }) => `${String(region)},,,`);
    const text = readFileSync(join(sandbox.root, 'csv/marked.csv'), 'utf8');
    expect(text.trimEnd().split('\r\n').slice(-blanked.rows)).toEqual(regions);
    expect(outputs.get('CSV of the view')).toBe(text);
  });
});
