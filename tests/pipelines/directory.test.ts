import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DirectoryUser } from '../../fake-api/directory/directory-users.js';
import { PROVIDERS } from '../../src/anonymize/email.js';
import { FAKE_LISTS } from '../../src/anonymize/fake-lists.js';
import { askRecords } from '../fake-api/ask.js';
import { makeShippedProject, readCells, type Row, type ShippedProject } from './shipped-project.js';

/** Not in their order, and far enough from each other that people have come, gone and moved in between. */
const DATES = ['2026-03-10', '2026-11-20', '2026-07-15'];

interface Day {
  readonly date: string;
  readonly users: readonly DirectoryUser[];
}

let project: ShippedProject;
let days: readonly Day[];
let results: unknown[];

async function fetchDay(date: string): Promise<Day> {
  const users: DirectoryUser[] = [];
  for (let page = 1; page <= 4; page += 1)
    users.push(...(await askRecords<DirectoryUser>(`/users?date=${date}&_page=${String(page)}&_limit=1000`)));
  return { date, users };
}

beforeAll(async () => {
  project = makeShippedProject(['pipelines/directory.yaml', 'sql/directory']);
  days = await Promise.all(DATES.map(fetchDay));
  results = [];
  for (const date of DATES)
    results.push(await project.ask('run', 'directory', '--date', date, '--as-of-now'));
});
afterAll(() => {
  project.remove();
});

/** How many of a day's people are in each group, by its name. */
function count(users: readonly DirectoryUser[], nameOf: (user: DirectoryUser) => string) {
  const counts = new Map<string, number>();
  for (const user of users) counts.set(nameOf(user), (counts.get(nameOf(user)) ?? 0) + 1);
  return counts;
}

/** Counts of a table's rows of a date, by a column. */
async function readCounts(table: string, column: string, date: string): Promise<ReadonlyMap<string, number>> {
  const rows = await project.query(
    `select ${column} as name, cast(sum(people) as bigint) as people from ${table}
     where ingest_date = date '${date}' group by all`,
  );
  return new Map(rows.map((row) => [String(row['name']), Number(row['people'])]));
}

/** Tens of degrees, halves away from zero. */
function roundTens(degrees: string): number {
  return Math.sign(Number(degrees)) * Math.round(Math.abs(Number(degrees)) / 10) * 10 + 0;
}

function regionOf({ address: { geo } }: DirectoryUser): string {
  if (geo === undefined) return 'unknown';
  const [north, east] = [roundTens(geo.lat), roundTens(geo.lng) === 180 ? -180 : roundTens(geo.lng)];
  const [y, x] = [String(Math.abs(north)).padStart(2, '0'), String(Math.abs(east)).padStart(3, '0')];
  return `${north < 0 ? 'S' : 'N'}${y} ${east < 0 ? 'W' : 'E'}${x}`;
}

function classOf({ company }: DirectoryUser): string {
  const ending = / (Inc|LLC|Group|and Sons)$/.exec(company?.name ?? '')?.[1];
  return company === null ? 'none' : (ending?.replace(' ', '-') ?? 'other');
}

function providerOf({ email }: DirectoryUser): string {
  const domain = email?.split('@')[1]?.toLowerCase();
  if (domain === undefined) return 'none';
  return PROVIDERS.includes(domain) ? domain : 'other';
}

describe('the directory', () => {
  it('lands everybody, page by page', () => {
    for (const [index, { users }] of days.entries()) {
      expect(users.length).toBeGreaterThan(1_500);
      expect(results[index]).toMatchObject({
        datasets: [
          { dataset: 'directory_users', landed: users.length, rejected: 0, duplicates: 0, drift: [] },
        ],
      });
    }
  });

  it.each([
    ['gold.directory_regions', 'region', regionOf],
    ['gold.directory_companies', 'company_class', classOf],
    ['gold.directory_companies', 'email_provider', providerOf],
  ] as const)('counts in %s the people of a date by %s', async (table, column, nameOf) => {
    for (const { date, users } of days)
      expect(await readCounts(table, column, date)).toEqual(count(users, nameOf));
  });

  it('reports people by region, as points', async () => {
    const document = await project.ask('report', 'directory', 'people_by_region', '--date', '2026-11-20');
    const { reports } = document as {
      reports: readonly { rows: readonly Row[]; blanked: { rows: number } }[];
    };
    const all = reports[0]?.rows ?? [];
    const rows = all.slice(0, all.length - (reports[0]?.blanked.rows ?? 0));
    const users = days.find(({ date }) => date === '2026-11-20')?.users ?? [];
    const counted = count(users, regionOf);
    const small = [...counted].filter(([, people]) => people < 5).map(([region]) => region);
    const hidden = all.slice(rows.length).map(({ region }) => String(region));
    expect(new Map(rows.map(({ region, people }) => [region, people]))).toEqual(
      new Map([...counted].filter(([region]) => !hidden.includes(region))),
    );
    expect(small.length).toBeGreaterThan(0);
    expect(hidden).toEqual(expect.arrayContaining(small));
    expect(hidden).toEqual([...hidden].sort());
    const points = rows.filter(({ region }) => region !== 'unknown');
    const isPoint = ({ latitude, longitude }: Row): boolean =>
      Number(latitude) % 10 === 0 && Math.abs(Number(latitude)) <= 90 && Number(longitude) % 10 === 0;
    expect(points.filter((row) => !isPoint(row))).toEqual([]);
    expect(readFileSync('sql/directory/reports/people_by_region.sql', 'utf8')).toContain(
      '-- chart: points x=longitude y=latitude size=people\n',
    );
  });

  it('knows a person of several dates by one token', async () => {
    const people = new Set(days.flatMap(({ users }) => users.map(({ id }) => id)));
    const [row] = await project.query(
      'select count(distinct person_token) as people from silver.directory_people',
    );
    expect(row).toEqual({ people: people.size });
  });

  it('makes names up for both halves, and lands no half, address, company or number of anybody', async () => {
    const cells = await readCells(project.lake);
    const users = days.flatMap((day) => day.users);
    const madeUp = new Set([...FAKE_LISTS.first_name, ...FAKE_LISTS.last_name]);
    const cities = new Set(users.map(({ address }) => address.city));
    const hidden = users.flatMap(({ name, username, email, address, phone, website, company }) => [
      ...[name, ...name.split(' '), username, email, address.street, address.suite, address.zipcode, phone],
      ...[address.geo?.lat, address.geo?.lng, website, company?.name, company?.catchPhrase, company?.bs],
    ]);
    const met = hidden.filter((value) => typeof value === 'string' && cells.has(value));
    // A list of made-up names may hold somebody's, and a city may bear one.
    expect(met.filter((value) => !madeUp.has(String(value)) && !cities.has(String(value)))).toEqual([]);
    expect([...madeUp].filter((name) => cells.has(name)).length).toBeGreaterThan(100);
  });

  it('is the same tables when all is made anew', async () => {
    const tables = {
      'silver.directory_people': 'ingest_date, person_token',
      'gold.directory_regions': 'ingest_date, region',
      'gold.directory_companies': 'ingest_date, company_class, email_provider',
    };
    const read = async () => {
      const found = [];
      for (const [table, order] of Object.entries(tables))
        found.push(await project.query(`select * from ${table} order by ${order}`));
      return found;
    };
    const before = await read();
    await project.ask('transform', 'directory', '--all');
    expect(await read()).toEqual(before);
  });
});
