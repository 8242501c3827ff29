import { LakeveilError } from '../src/base/errors.js';
import type { Cell } from '../src/base/types/result.js';
import type { Statement, WarehouseReader } from '../src/base/types/warehouse-reader.js';
import { assertNoTokens, exportResults } from '../src/report/export-results.js';
import { openReader, queryWarehouse } from '../src/warehouse/published/open-reader.js';
import { withProject } from '../src/warehouse/project.js';
import {
  describePipeline,
  landedPerson,
  landRows,
  makeProject,
  type Project,
  transform,
  writeSql,
} from '../tests/warehouse/lake-fixture.js';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { COLUMNS } from './sql/columns.js';
import { FUNCTIONS } from './sql/functions.js';
import { NAMES } from './sql/names.js';
import { ROWS } from './sql/rows.js';
import { TOKENS } from './sql/tokens.js';
import type { Attack, Door } from './sql/verdicts.js';
import type { AttackResult } from './attack-result.js';

/** Every statement with its verdict. */
export const SQL_ATTACKS: readonly Attack[] = [...COLUMNS, ...ROWS, ...TOKENS, ...NAMES, ...FUNCTIONS];

const DATE = '2026-11-20';

const TABLES: Readonly<Record<string, string>> = {
  'silver/people': `select person_token, birthday, gender, zipcode, country, city, _ingest_date as ingest_date
    from bronze.persons`,
  'silver/visits': 'select person_token, country, latitude::bigint as minutes from bronze.persons',
  'silver/calendar': `select date '1900-01-01' + to_days(unnest(range(47847))::integer)::interval as day`,
};

/** People whose birth dates are days that nothing else here is. */
const PEOPLE = Array.from({ length: 40 }, (_, n) =>
  landedPerson(n + 1, {
    birthday: `19${50 + n}-03-29`,
    country: n % 2 === 0 ? 'Germany' : 'Peru',
    zipcode: String(10 + n),
  }),
);

const SECRET = /19[5-8]\d-03-29|k1_0{2}|K1_0{2}|0{25}/;

/** Tries every statement of the corpus at its door. */
export async function attackSql(attacks: readonly Attack[] = SQL_ATTACKS): Promise<AttackResult> {
  const project = await makeProject();
  try {
    await build(project);
    const reader = await openReader({ ...project, openZones: [], writeDir: null });
    const failures: string[] = [];
    const verdicts = { refused: 0, harmless: 0 };
    for (const attack of attacks) {
      const [door, sql, verdict] = attack;
      const found = await DOORS[door](project, reader, sql).then(readShown, readRefused);
      const failed =
        'harmless' in verdict
          ? (found.refused ?? findSecret(found.shown))
          : missRefusal(found, verdict.refused);
      verdicts['harmless' in verdict ? 'harmless' : 'refused'] += 1;
      if (failed !== null) failures.push(`${door}: ${sql}\n    ${failed}`);
    }
    reader.close();
    return { tried: attacks.length, verdicts, failures };
  } finally {
    await project.remove();
  }
}

interface Found {
  readonly refused: string | null;
  readonly shown: string;
}

function readShown(shown: string): Found {
  return { refused: null, shown };
}

function readRefused(error: unknown): Found {
  if (error instanceof LakeveilError) return { refused: error.message, shown: error.message };
  throw error;
}

function findSecret(shown: string): string | null {
  return SECRET.test(shown) ? 'its result holds a birth date or a token' : null;
}

function missRefusal({ refused, shown }: Found, part: string): string | null {
  if (refused === null) return 'it was not refused';
  if (!refused.includes(part)) return `refused for another reason: ${refused}`;
  return findSecret(shown);
}

async function build(project: Project): Promise<void> {
  const persons = await landRows(project, DATE, PEOPLE);
  for (const [table, sql] of Object.entries(TABLES))
    await writeSql(project, `persons/${table}.sql`, `-- description: d\n-- materialize: table\n${sql}`);
  await writeSql(
    project,
    'persons/gold/ages.sql',
    `-- description: d
-- materialize: table
-- exposes: decade because ten years are no birth date
-- exposes: country because it is of no one
select year(birthday) // 10 as decade, country from silver.people where birthday is not null`,
  );
  const shipped = join(import.meta.dirname, '..', 'sql', 'persons', 'silver', 'persons_anonymized.sql');
  await writeSql(project, 'persons/silver/persons_anonymized.sql', await readFile(shipped, 'utf8'));
  await transform(project, { partitions: [persons] });
}

/** What a statement shows at each door, as text. */
const DOORS: Readonly<
  Record<Door, (project: Project, reader: WarehouseReader, sql: string) => Promise<string>>
> = {
  query: async (_, reader, sql) => JSON.stringify((await queryWarehouse(reader, sql)).rows),
  export: async (project, _, table) => {
    const out = join(project.root, 'exports');
    await rm(out, { recursive: true, force: true });
    const [file] = await exportResults({
      openReader: (writeDir) => openReader({ ...project, openZones: [], writeDir }),
      reports: [],
      names: [table],
      format: 'csv',
      withTokens: false,
      projectDir: project.root,
      out,
      date: DATE,
      forbidden: [],
    });
    return file === undefined ? '' : readFile(file.path, 'utf8');
  },
  report: async (_, reader, sql) => {
    const origin = {
      kind: 'report',
      report: 'r',
      file: 'sql/persons/reports/r.sql',
      exposes: null,
      cells: null,
    } as const;
    const statement: Statement = { sql, date: DATE, origin };
    await assertNoTokens(reader, { name: 'r', statement });
    const rows: (readonly Cell[])[] = [];
    for await (const batch of (await reader.select(statement)).batches) rows.push(...batch);
    return JSON.stringify(rows);
  },
  gold: (project, _, sql) => load(project, 'gold', `-- description: d\n-- materialize: table\n${sql}`),
  check: (project, _, sql) => load(project, 'checks', `-- description: d\n-- severity: error\n${sql}`),
};

/** Loads a project with the file, and takes it away again. */
async function load(project: Project, folder: string, text: string): Promise<string> {
  const file = `persons/${folder}/attack.sql`;
  await writeSql(project, file, text);
  try {
    return await withProject([describePipeline(project)], () => Promise.resolve(''));
  } finally {
    await rm(join(project.root, 'sql', file));
  }
}
