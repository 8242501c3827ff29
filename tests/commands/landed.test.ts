import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Captured } from './capture-output.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** Verbs that look at what two runs of 200 people landed; none of them changes it. */

const [FIRST, LAST] = ['2024-02-28', '2024-03-01'];
const TOKEN = /[a-z0-9]{1,16}_[0-9a-f]{32}/;

let project: SampleProject;
let summary: Captured;
beforeAll(async () => {
  project = makeSampleProject();
  await project.run('run', '--date', FIRST, '--records', '200', '--quiet');
  summary = await project.run('run', '--date', LAST, '--records', '200', '--quiet');
});
afterAll(() => {
  project.remove();
});

const reports = [
  'email_provider_count',
  'germany_gmail_percentage',
  'over60_gmail_users',
  'top_gmail_countries',
];

describe('run', () => {
  it('shows ten rows of a report at most, and says how to see the rest', () => {
    expect(summary.exit).toBe(0);
    const [, table = ''] = summary.stdout.split('People by mail provider\n\n');
    const [rows = '', rest = ''] = table.split('\n… and ');
    expect(rows.split('\n')).toHaveLength(2 + 10);
    expect(rest).toMatch(/^\d+ more: pipeline report persons email_provider_count\n/);
  });

  it('shows no name of a column with an underscore', () => {
    expect(summary.stdout).toContain('percent of people in germany');
    expect(summary.stdout).not.toContain('percent_of');
  });
});

describe('report', () => {
  it('shows all rows of it', async () => {
    const { stdout } = await project.run('report', 'persons', 'email_provider_count');
    const shown = stdout.trimEnd().split('\n').slice(6, -1);
    const { document } = await project.ask('report', 'email_provider_count');
    const [report] = (document as { reports: { rows: unknown[] }[] }).reports;
    expect(report?.rows.length).toBeGreaterThan(10);
    expect(shown).toHaveLength(report?.rows.length ?? 0);
    expect(stdout).toMatch(/^\d+ cells of \d+ rows are hidden \(\*\): fewer than 5 people, or needed/m);
  });
});

describe('export', () => {
  it('writes every report of the newest date, and prints the files', async () => {
    const dir = join(project.dir, 'exports', LAST);
    const { exit, stdout } = await project.run('export');
    expect(exit).toBe(0);
    expect(readdirSync(dir).sort()).toEqual(reports.map((name) => `${name}.csv`));
    for (const name of reports) expect(stdout).toContain(join(dir, `${name}.csv`));
    expect(readFileSync(join(dir, 'top_gmail_countries.csv'), 'utf8')).toMatch(
      /^country,gmail_users\r\n[^\r]+,\d+\r\n/,
    );
  });

  it('takes a pipeline, names, a date, a format and a folder', async () => {
    const out = join(project.dir, 'elsewhere');
    const words = ['persons', 'over60_gmail_users', 'ops.partitions'];
    const { exit, document } = await project.ask(
      ...['export', ...words, '--date', FIRST, '--format', 'json', '--out', out],
    );
    expect(exit).toBe(0);
    expect(document).toEqual({
      date: FIRST,
      files: [
        {
          ...{ name: 'over60_gmail_users', path: join(out, 'over60_gmail_users.json'), rows: 1 },
          blanked: { min_cell: 5, rows: 0, cells: 0, columns: ['gmail_users'] },
        },
        { name: 'ops.partitions', path: join(out, 'ops.partitions.json'), rows: 2, blanked: null },
      ],
    });
  });

  it('writes tokens only when told to', async () => {
    const name = 'silver.persons_anonymized';
    const refused = await project.ask('export', name, '--out', join(project.dir, 'tokens'));
    expect(refused).toMatchObject({ exit: 2, document: { error: { code: 'E_EXPORT_TOKENS' } } });
    const { exit } = await project.run('export', name, '--out', join(project.dir, 'tokens'), '--with-tokens');
    expect(exit).toBe(0);
    expect(readFileSync(join(project.dir, 'tokens', `${name}.csv`), 'utf8')).toMatch(TOKEN);
  });

  it.each([
    ['data_lake', 'the lake'],
    ['db', 'the warehouse folder'],
    ['sql', 'sql/'],
    ['pipelines', 'pipelines/'],
  ])('does not write into %s', async (folder, place) => {
    const { exit, document } = await project.ask('export', '--out', join(project.dir, folder, 'new'));
    expect({ exit, document }).toMatchObject({
      exit: 2,
      document: { error: { message: `exports cannot be written into ${place}` } },
    });
    expect(existsSync(join(project.dir, folder, 'new'))).toBe(false);
  });
});

describe('query', () => {
  const sql =
    'select ingest_date::varchar as day, count(*) as found from persons_anonymized group by 1 order by 1';
  const counts = [
    { day: FIRST, found: 200 },
    { day: LAST, found: 200 },
  ];

  it.each([
    ['table', `day         found\n──────────  ─────\n${FIRST}    200\n${LAST}    200\n\n2 rows\n`],
    ['csv', `day,found\r\n${FIRST},200\r\n${LAST},200\r\n`],
    ['json', `${JSON.stringify(counts)}\n`],
  ])('answers as %s', async (format, text) => {
    expect(await project.run('query', sql, '--format', format)).toMatchObject({ exit: 0, stdout: text });
  });

  it('answers with one document for a program', async () => {
    const { document } = await project.ask('query', sql);
    expect(document).toEqual({ columns: ['day', 'found'], rows: counts });
  });

  it('prints years and names as SQL has them', async () => {
    const { stdout } = await project.run('query', 'select 2024 as of_year');
    expect(stdout).toBe('of_year\n───────\n   2024\n\n1 row\n');
  });

  it.each([
    ['from bronze.persons', 'E_EXPORT_RAW'],
    ["copy (select 1) to 'x.csv'", 'E_QUERY'],
    ["select * from read_text('/etc/hostname')", 'E_QUERY'],
    ['select 1; select 2', 'E_QUERY'],
    ['', 'E_QUERY'],
    ['select nosuch from persons_anonymized', 'E_QUERY'],
  ])('refuses %j', async (text, code) => {
    expect(await project.ask('query', text)).toMatchObject({ exit: 2, document: { error: { code } } });
  });
});

describe('runs', () => {
  interface Listed {
    readonly runs: readonly { readonly command: string; readonly date: string; readonly status: string }[];
  }

  it('lists the newest first, with what came of each', async () => {
    const { document } = await project.ask('runs', 'persons');
    expect((document as Listed).runs.map(({ command, date, status }) => [command, date, status])).toEqual([
      ['run', LAST, 'succeeded'],
      ['run', FIRST, 'succeeded'],
    ]);
    const { stdout } = await project.run('runs');
    expect(stdout.split('\n')[2]).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}[0-9a-f-]{36} {2}persons {3}2024-03-01 {2}run {6}succeeded +200 +200 +0 +[\d.]+ {2}–$/,
    );
  });

  it.each([
    [['--limit', '1'], [LAST]],
    [['--date', FIRST], [FIRST]],
    [['--date', '2024-02-29'], []],
  ])('with %j lists the runs of %j', async (flags, dates) => {
    const { document } = await project.ask('runs', ...flags);
    expect((document as Listed).runs.map(({ date }) => date)).toEqual(dates);
  });
});

describe('verify', () => {
  it('finds the lake to be as its manifests say', async () => {
    const { exit, document } = await project.ask('verify');
    expect(exit).toBe(0);
    expect(document).toMatchObject({ status: 'clean', partitions: 2, files: 2, rows: 400, problems: [] });
    const { stdout } = await project.run('verify', '--date', LAST);
    expect(stdout).toBe(`Checked 1 partition, 1 file, 200 rows of ${LAST}.\nNo problems found.\n`);
  });
});
