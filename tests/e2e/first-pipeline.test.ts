import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DraftProject, makeDraftProject } from '../draft/draft-project.js';
import {
  type Answer,
  json,
  startStubApi,
  status,
  type StubApi,
  type StubRequest,
} from '../support/stub-api.js';

/** An invented company's API: bearer token, cursor, nested objects, arrays, custom fields, children, changes. */
const TOKEN = 'kanary-7f3a';
const SIZE = 20;
const STATUS = ['active', 'sabbatical', 'active', 'active'];
const EMPLOYEES = Array.from({ length: 50 }, (_, n) => ({
  id: `emp_${String(9000 + n)}`,
  name: { first: `Kanary${String(n)}`, last: 'Qx' },
  work: { email: `kanary${String(n)}@brightmoor.example`, status: STATUS[n % 4], hours: 20 + (n % 20) },
  team_id: 300 + (n % 4),
  manager_id: n === 0 ? null : 'emp_9000',
  dob: `19${String(50 + (n % 40))}-04-02`,
  skills: [`kanaryskill${String(n)}`, 'x'.repeat(n === 30 ? 2_000 : 1)],
  contracts: [{ no: 100 + n, hours: 20 }, ...(n % 3 === 0 ? [{ no: 200 + n, hours: 10 }] : [])],
  custom_fields: {
    shoe_size: n % 2 === 0 ? 40 + (n % 5) : `${String(40 + (n % 5))} kanary`,
    vip: n % 7 === 0,
    ...(n % 4 === 0 ? { nickname: `Kanary${String(n)}` } : {}),
  },
  updated_at: '2026-11-19T08:00:00Z',
}));
const TEAMS = Array.from({ length: 4 }, (_, n) => ({
  id: 300 + n,
  lead_id: `emp_900${String(n)}`,
  capacity: 5 + n,
}));

let api: StubApi;
let project: DraftProject;

/** All instants of `updated_since`. */
const asked = new Set<string>();

function findRows(path: string): readonly object[] | null {
  if (path === '/v2/employees') return EMPLOYEES;
  if (path === '/v2/teams') return TEAMS;
  const team = /^\/v2\/teams\/(\d+)\/members$/.exec(path)?.[1];
  if (team === undefined) return null;
  return EMPLOYEES.filter(({ team_id }) => String(team_id) === team).map(({ id }, n) => ({
    employee_id: id,
    joined_on: `2020-0${String(1 + (n % 9))}-01`,
  }));
}

function answer({ path, query, headers }: StubRequest): Answer {
  if (headers.authorization !== `Bearer ${TOKEN}`) return status(401);
  const since = query.get('updated_since');
  if (since === null || Number.isNaN(Date.parse(since))) return status(400);
  asked.add(since);
  const rows = findRows(path);
  if (rows === null) return status(404);
  const at = Number(query.get('after') ?? 0);
  const next = at + SIZE < rows.length ? String(at + SIZE) : null;
  return json({
    items: rows.slice(at, at + SIZE),
    page_info: { end_cursor: next, has_next_page: next !== null },
  });
}

beforeAll(async () => {
  api = await startStubApi(answer);
  project = makeDraftProject();
});

afterAll(async () => {
  await api.close();
  project.remove();
});

function edit(from: string, to: string): void {
  const page = project.page('hr');
  expect(page.split(from)).toHaveLength(2);
  writeFileSync(
    join(project.dir, 'pipelines', 'hr.yaml'),
    page.replace(from, () => to),
  );
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(project.dir, file)), { recursive: true });
  writeFileSync(join(project.dir, file), text);
}

it('a new user lands an API with a token, a cursor and several endpoints, by edits that messages ask for', async () => {
  const urls = ['employees', 'teams', 'teams/{teams.id}/members'].map((path) => `${api.url}/v2/${path}`);
  const query = ['--query', 'updated_since={last_success}'];
  const from = [...urls.flatMap((url) => ['--from', url]), ...query];
  const locked = await project.run('new', 'hr', ...from);
  expect(locked).toMatchObject({ exit: 3 });
  expect(locked.stderr).toContain("--header 'Authorization: Bearer ${API_TOKEN}'");
  const header = ['--header', 'Authorization: Bearer ${API_TOKEN}'];
  const unset = await project.run('new', 'hr', ...from, ...header);
  expect(unset).toMatchObject({ exit: 2 });
  expect(unset.stderr).toContain('add `API_TOKEN=…` to .env');
  writeFileSync(join(project.dir, '.env'), `API_TOKEN=${TOKEN}\n`);

  const made = await project.run('new', 'hr', ...from, ...header);
  expect(made).toMatchObject({ exit: 0, stderr: '' });
  expect(made.stdout).toContain('Next:');
  const draft = project.page('hr');
  for (const line of [
    'pagination: { type: cursor, cursor_param: after, next_path: page_info.end_cursor, more_path: page_info.has_next_page }\n',
    'manager_id: { from: manager_id, treat: token, scope: employee } # question: does it refer to employees?',
    'team_id: { from: team_id, treat: token, scope: team } # question: does it refer to teams?',
    'lead_id: { from: lead_id, treat: token, scope: employee } # question: does it refer to employees?',
    'dob: { from: dob, treat: truncate_date, unit: year }',
    'time: by_date\n',
    'updated_since: "{last_success}"\n',
    'skills: { from: skills, each: redact }',
    'for_each: { dataset: teams }\n',
    'path: "/v2/teams/{teams.id}/members"\n',
    'teams_id: { from: teams.id, treat: token, scope: team }',
    'employee_id: { from: employee_id, treat: token, scope: employee }\n',
    'of: employees\n    explode: contracts\n',
    'of: employees\n    explode: custom_fields\n',
  ]) {
    expect(draft).toContain(line);
  }
  expect(`${draft}${made.stdout}`).not.toMatch(/kanary|emp_9/i);
  expect(await project.ask('explain', 'hr')).toMatchObject({ exit: 0 });
  expect(await project.ask('run', 'hr')).toMatchObject({
    exit: 0,
    document: {
      datasets: [
        { dataset: 'employees', landed: 50, rejected: 0 },
        { dataset: 'employees_contracts', landed: 67, rejected: 0 },
        { dataset: 'employees_custom_fields', landed: 113, rejected: 0 },
        { dataset: 'teams', landed: 4, rejected: 0 },
        { dataset: 'members', landed: 50, rejected: 0 },
      ],
    },
  });

  // What the questions say.
  const keys = /Then write `(propertyNames: .*?)`, and/.exec(draft)?.[1] ?? '';
  edit('propertyNames: { type: string, x-pii: direct }', keys);
  edit('key: { from: custom_fields.key, treat: redact }', 'key: { from: custom_fields.key, treat: keep }');

  // Models and a report over tables that join.
  write(
    'sql/hr/silver/team_members.sql',
    `-- description: Members of each team.
-- materialize: upsert on teams_id, employee_id
select teams_id, employee_id, joined_on, _ingest_date, _slot, _position from bronze.members`,
  );
  write(
    'sql/hr/silver/custom_values.sql',
    `-- description: Custom fields of each employee.
-- materialize: upsert on id, key
select id, key, value, _ingest_date, _slot, _position from bronze.employees_custom_fields`,
  );
  write(
    'sql/hr/gold/fields_by_year.sql',
    `-- description: Custom fields of team members, by the year in which they joined.
-- materialize: table
select c.key as field, count(distinct m.employee_id) as members
from silver.custom_values as c
inner join silver.team_members as m on c.id = m.employee_id
group by c.key`,
  );
  write(
    'sql/hr/reports/fields.sql',
    `-- title: Members with a custom field
-- people: members
-- chart: bar x=field y=members
select field, members from gold.fields_by_year order by field`,
  );
  const ran = await project.ask('run', 'hr', '--force');
  expect(ran).toMatchObject({ exit: 0, document: { reports: expect.anything() as unknown } });
  expect(JSON.stringify(ran.document)).toContain('"nickname"');
  expect(asked).toContain('1970-01-01T00:00:00.000Z');
  expect(await project.ask('verify')).toMatchObject({ exit: 0 });
  const lake = join(project.dir, 'data_lake');
  const written = readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  for (const name of written) expect(readFileSync(join(lake, name), 'utf8')).not.toMatch(/kanary/i);
});
