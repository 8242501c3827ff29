import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseReports, runReports } from '../../src/report/run-reports.js';
import { openReader } from '../../src/warehouse/published/open-reader.js';
import {
  describePipeline,
  landedPerson,
  landRows,
  makeProject,
  type Project,
  type Row,
  transform,
  writeSql,
} from '../warehouse/lake-fixture.js';
import { loadShown } from './load-shown.js';

const DATE = '2026-11-20';
const SHIPPED = join(import.meta.dirname, '..', '..', 'sql', 'persons');

let project: Project;
beforeAll(async () => {
  project = await makeProject();
  const partitions = [
    await landRows(
      project,
      DATE,
      PEOPLE.map((values, person) => landedPerson(person, values)),
    ),
    await landRows(project, '2026-11-19', [landedPerson(1, { country: 'Chile' })]),
  ];
  await transform(project, { partitions, pipelines: [describePipeline(null)] });
});
afterAll(() => project.remove());

/** Three of four in Germany are at gmail.com; Austria, Brazil and Chile have two each there; two of all are over 60. */
const PEOPLE: readonly Row[] = [
  { country: 'Germany' },
  { country: 'Germany' },
  { country: 'Germany', birthday: '1966-11-20' },
  { country: 'Germany', email: '***@gmx.de', birthday: '1940-01-01' },
  { country: 'Chile' },
  { country: 'Chile', birthday: '1930-01-01' },
  { country: 'Brazil' },
  { country: 'Brazil', birthday: '1966-11-21' },
  { country: 'Austria' },
  { country: 'Austria' },
  { country: 'Austria', email: '***@other' },
  { country: null, email: '***' },
];

async function run(names: string[], date = DATE, sqlDir = SHIPPED) {
  const reader = await openReader({ ...project, openZones: [], writeDir: null });
  try {
    return await runReports(reader, chooseReports(await loadShown(sqlDir), names), date);
  } finally {
    reader.close();
  }
}

describe('the shipped reports', () => {
  it.each([
    [
      'germany_gmail_percentage',
      [
        {
          gmail_users_in_germany: 3,
          people_in_germany: 4,
          percent_of_people_in_germany: 75,
          all_people: 12,
          percent_of_all_people: 25,
        },
      ],
    ],
    [
      'top_gmail_countries',
      [
        { country: 'Germany', gmail_users: 3 },
        { country: 'Austria', gmail_users: 2 },
        { country: 'Brazil', gmail_users: 2 },
      ],
    ],
    ['over60_gmail_users', [{ gmail_users: 2 }]],
    [
      'email_provider_count',
      [
        { provider: 'gmail.com', people: 9 },
        { provider: 'other', people: 2 },
        { provider: 'gmx.de', people: 1 },
      ],
    ],
  ])('%s counts the people of its date', async (name, rows) => {
    const [result] = await run([name]);
    expect(result).toMatchObject({ report: name, rows, columns: Object.keys(rows[0] ?? {}) });
  });

  it('show shares of nobody as unknown, not as an error', async () => {
    const [result] = await run(['germany_gmail_percentage'], '2020-01-01');
    expect(result?.rows).toEqual([
      {
        gmail_users_in_germany: 0,
        people_in_germany: 0,
        percent_of_people_in_germany: null,
        all_people: 0,
        percent_of_all_people: null,
      },
    ]);
  });

  it('all run when none is named, and name themselves when an unknown one is asked for', async () => {
    const names = [
      'email_provider_count',
      'germany_gmail_percentage',
      'over60_gmail_users',
      'top_gmail_countries',
    ];
    expect((await run([])).map(({ report }) => report)).toEqual(names);
    await expect(run(['nothing'])).rejects.toMatchObject({
      code: 'E_UNKNOWN',
      remedy: expect.stringContaining(names.join(', ')) as string,
    });
  });
});

describe('a report is refused, with its file,', () => {
  it.each([
    ['without a title', '-- people: n\nselect 1 as n order by n', /no title/],
    ['without its people', '-- title: T\nselect 1 as n order by n', /no people/],
    [
      'with an unknown chart',
      '-- title: T\n-- people: n\n-- chart: pie n\nselect 1 as n order by n',
      /chart/,
    ],
    ['without an order', '-- title: T\n-- people: n\nselect 1 as n', /needs an `order by`/],
    ['whose head names a missing column', '-- title: T\n-- people: m\nselect 1 as n order by n', /column m/],
    [
      'with a parameter besides $date',
      '-- title: T\n-- people: n\nselect $x as n order by n',
      /other than \$date/,
    ],
    [
      'that calls a table function',
      `-- title: T\n-- people: n\nselect n from range(3) t(n) order by n`,
      /range/,
    ],
    ['that does not bind', '-- title: T\n-- people: n\nselect n from silver.nothing order by n', /nothing/],
  ])('%s', async (_, sql, message) => {
    await writeSql(project, 'persons/reports/r.sql', sql);
    await expect(run([], DATE, join(project.root, 'sql', 'persons'))).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
      where: { file: 'sql/persons/reports/r.sql' },
    });
  });

  it('when it reads a restricted raw zone', async () => {
    const sql = '-- title: T\n-- people: n\nselect count(*) as n from bronze.persons order by n';
    await writeSql(project, 'persons/reports/r.sql', sql);
    await expect(run([], DATE, join(project.root, 'sql', 'persons'))).rejects.toMatchObject({
      code: 'E_EXPORT_RAW',
    });
  });

  it('when it fails while it runs, with no cell in the error', async () => {
    const sql = `-- title: T\n-- people: n\nselect cast(country as integer) as n from silver.persons_anonymized order by n`;
    await writeSql(project, 'persons/reports/r.sql', sql);
    const error: unknown = await run([], DATE, join(project.root, 'sql', 'persons')).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'E_SQL_RUN' });
    expect(JSON.stringify([error, String(error)])).not.toMatch(/Germany|Chile|Austria/);
  });
});
