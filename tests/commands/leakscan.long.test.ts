import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatLeaks, type LeakReport } from '../../src/actions/leakscan/leak-findings.js';
import { makeSampleProject, type SampleProject } from './sample-project.js';

const NAME = "Kanary O'Brien-Ärmel";
const EMAIL = 'kanary.brien@example.org';
const PHONE = '+49 (555) 014-7319';
const VALUES = ['ab', NAME, EMAIL, PHONE];
const RAW = 'data_lake/raw/2024/02/28/persons.parquet';

let landed: SampleProject;
let project: SampleProject;
let canary = '';
beforeAll(async () => {
  landed = makeSampleProject();
  await landed.run('run', 'persons', '--quiet', '--date', '2024-02-28', '--records', '300');
  const folder = mkdtempSync(join(tmpdir(), 'lakeveil-values-'));
  canary = join(folder, 'values.txt');
  writeFileSync(canary, `${VALUES.join('\r\n')}\n`);
});
afterAll(() => {
  landed.remove();
  rmSync(join(canary, '..'), { recursive: true });
});
beforeEach(() => {
  project = makeSampleProject(landed);
});
afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

/** Findings, once no value is in what the command prints in either form. */
async function scan(exit: number, ...words: string[]): Promise<LeakReport['findings']> {
  const ended = await project.run('leakscan', '--json', ...words);
  expect(ended.exit, ended.stdout).toBe(exit);
  const report = JSON.parse(ended.stdout) as LeakReport;
  const printed = [ended.stdout, ended.stderr, formatLeaks(report)].join().toLowerCase();
  for (const text of ['kanary', 'brien', '7319', 'ärmel']) expect(printed).not.toContain(text);
  return report.findings;
}

const withCanary = (exit: number): Promise<LeakReport['findings']> => scan(exit, '--canary', canary);

async function runSql(database: string, ...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(database);
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}

/** Writes the landed file again with other cells. */
async function replant(select: string, options = ''): Promise<void> {
  const file = join(project.dir, RAW);
  const other = `${file}.new`;
  await runSql(
    ':memory:',
    `copy (${select.replaceAll('LANDED', `read_parquet('${file}', file_row_number = true)`)}) to '${other}' (format parquet ${options})`,
  );
  cpSync(other, file);
  rmSync(other);
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
function write(path: string, text: string): void {
  const file = join(project.dir, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
}

const KEPT = '* exclude (file_row_number)';

it('finds nothing in a clean project, and says what it looked at', async () => {
  await project.run('export', 'persons', '--quiet');
  await project.run('publish', '--out', join(project.dir, 'site'), '--quiet');
  const temporary = join(project.dir, 'tmp');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  expect(await withCanary(0)).toEqual([]);
  const { stdout } = await project.run('leakscan', '--canary', canary);
  expect(stdout).toMatch(
    /^Read \d+ files, \d+ columns of tables\. Checked: the shape of \d+ landed columns, /,
  );
  expect(stdout).toContain('3 canary values');
  expect(stdout).toContain('1 line of the canary file too short to look for');
  expect(readdirSync(temporary)).toEqual([]);
});

describe('a leak is found and named with its place', () => {
  it('in a cell that has not the shape of its treatment, without a file of values', async () => {
    await replant(
      `select ${KEPT} replace (if(file_row_number = 6, 'Kanary', firstname) as firstname) from LANDED`,
    );
    const [statistics, cells] = await scan(5);
    const shared = { kind: 'leak', check: 'shape', path: RAW, column: 'firstname', what: 'redact' };
    expect(statistics).toMatchObject({ ...shared, place: 'statistics' });
    expect(cells).toMatchObject({
      kind: 'leak',
      check: 'shape',
      path: RAW,
      column: 'firstname',
      row: 7,
      count: 1,
    });
  });

  it('in cells, statistics and metadata of Parquet, and in the name of a column, which is not shown', async () => {
    const cell = `if(file_row_number >= 6, ${quote(`xx${NAME.toUpperCase()}`)}, lastname)`;
    await replant(
      `select ${KEPT} replace (${cell} as lastname), 1 as ${JSON.stringify(EMAIL)} from LANDED`,
      `, kv_metadata {note: ${quote(NAME)}}`,
    );
    const findings = (await withCanary(5)).filter(({ check, path }) => check === 'canary' && path === RAW);
    const lastname = { column: 'lastname', canary_line: 2 };
    expect(findings).toEqual(
      [
        { column: null, place: 'metadata', canary_line: 2 },
        { column: null, place: 'schema', canary_line: 3 },
        { ...lastname, place: 'statistics', row: null },
        { ...lastname, place: 'cells', row: 7, count: 294 },
      ].map((wanted): unknown => expect.objectContaining(wanted)),
    );
  });

  it('in tables of the warehouse, of exports and of SQLite', async () => {
    const digits = quote(`call ${PHONE.replaceAll(/\D/g, '')}`);
    await runSql(
      join(project.dir, 'db/lake.duckdb'),
      `create table gold.notes as select i, if(i = 41, ${digits}, 'x' || i) as note from range(1000) as rows(i)`,
    );
    write('exports/2024-02-28/people.csv', `n,name\n1,a\n2,"${NAME}"\n`);
    write('targets.yaml', 'targets:\n  other: { type: sqlite, path: out.sqlite }\n');
    const { default: sqlite } = await import('node-sqlite3-wasm');
    const database = new sqlite.Database(join(project.dir, 'out.sqlite'));
    database.exec(
      `create table people (n integer, name text); insert into people values (1, 'a'), (2, ${quote(NAME)})`,
    );
    database.close();
    expect((await withCanary(5)).filter(({ place }) => place === 'cells')).toMatchObject([
      { path: 'db/lake.duckdb', table: 'gold.notes', column: 'note', row: 42, canary_line: 4 },
      { path: 'exports/2024-02-28/people.csv', column: 'name', row: 2, canary_line: 2 },
      { path: 'out.sqlite', table: 'people', column: 'name', row: 2 },
    ]);
    expect(existsSync(join(project.dir, 'out.sqlite.lock'))).toBe(false);
  });

  it('in any other file, however it is written there, by the line', async () => {
    const texts: readonly (readonly [path: string, form: string, text: string])[] = [
      ['data_lake/_runs/2024/02/28/other.json', 'plain', NAME],
      ['data_lake/_staging/run/page.json', 'plain', EMAIL],
      ['data_lake/raw/2024/02/28/other.manifest.json', 'json', JSON.stringify(NAME).replace('Ä', '\\u00c4')],
      ['db/.cache/other.jsonl', 'hex', Buffer.from(EMAIL).toString('hex')],
      ['logs/a.log', 'url', `GET /?q=${encodeURIComponent(NAME)}`],
      [
        'logs/b.log',
        'url',
        `GET /?q=${encodeURIComponent(NAME).replaceAll("'", '%27').replaceAll('%20', '+')}`,
      ],
      ['logs/pipeline.2024-02-28.log', 'plain', EMAIL.toUpperCase()],
      ['logs/pipeline.log', 'digits', 'x 49555/0147-319 x'],
      ['site.html', 'base64', Buffer.from(`x${EMAIL}`).toString('base64')],
      ['site/a.html', 'base64', Buffer.from(`{"n":"${NAME}"}`).toString('base64')],
      ['site/b.html', 'base64', Buffer.from(`xx${EMAIL}!`).toString('base64url')],
      ['site/c.html', 'html', NAME.replace("'", '&#39;')],
    ];
    for (const [path, , text] of texts) write(path, `{}\n{"a":"${text}"}\n`);
    const leaks = (await withCanary(5)).filter(({ check }) => check === 'canary');
    const wanted = { kind: 'leak', place: 'lines', row: 2, count: 1 };
    expect(leaks).toMatchObject(texts.map(([path, what]) => ({ ...wanted, path, what })));
  });

  it('in the name of a file, which is withheld, and by thousands of values at once', async () => {
    write(`exports/${EMAIL}/b.txt`, '');
    write('exports/a.txt', '\nkanary-9998-value\n');
    const many = join(canary, '..', 'many.txt');
    writeFileSync(
      many,
      [EMAIL, ...Array.from({ length: 10_000 }, (_, n) => `kanary-${String(n)}-value`)].join('\n'),
    );
    expect(await scan(5, '--canary', many)).toMatchObject([
      { path: 'exports/(name withheld)/b.txt', place: 'name', canary_line: 1 },
      { path: 'exports/a.txt', row: 2, canary_line: 10_000 },
    ]);
  });
});

it('suspects an email address that no shape proves, and Parquet that cannot be read unless a run is writing it', async () => {
  const table = `create table gold.notes as select 'write to ${EMAIL}, please' as note`;
  await runSql(join(project.dir, 'db/lake.duckdb'), table);
  const [torn, written] = ['data_lake/raw/2024/02/28/torn.parquet', 'data_lake/_staging/run/a.parquet'];
  for (const path of [torn, written]) write(path, 'PAR1 and no more');
  expect(await scan(4)).toMatchObject([
    { kind: 'suspect', check: 'unread', path: torn },
    { kind: 'suspect', check: 'pattern', what: 'email', table: 'gold.notes', column: 'note', row: 1 },
  ]);
  const { document } = await project.ask('leakscan');
  expect(document).toMatchObject({ status: 'suspect', being_written: [written] });
});

it.each([
  [['--canary', 'absent.txt'], 6, 'E_DISK_READ'],
  [['--canary', '/dev/null'], 6, 'E_DISK_READ'],
])('refuses %j', async (words, exit, code) => {
  expect(await project.ask('leakscan', ...words)).toMatchObject({ exit, document: { error: { code } } });
});
