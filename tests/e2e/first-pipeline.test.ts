import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** An invented company's API: bearer token, cursor, nested objects, arrays, and changes since a date. */
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
  updated_at: '2026-11-19T08:00:00Z',
}));
const TEAMS = Array.from({ length: 4 }, (_, n) => ({
  id: 300 + n,
  lead_id: `emp_900${String(n)}`,
  capacity: 5 + n,
}));

let api: StubApi;
let project: DraftProject;

function answer({ path, query, headers }: StubRequest): Answer {
  if (headers.authorization !== `Bearer ${TOKEN}`) return status(401);
  const rows = path === '/v2/employees' ? EMPLOYEES : path === '/v2/teams' ? TEAMS : null;
  if (rows === null) return status(404);
  const since = query.get('updated_since');
  if (since !== null && !/^\d{4}-\d\d-\d\d$/.test(since)) return status(400);
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

it('a new user lands an API with a token, a cursor and several endpoints, by edits that messages ask for', async () => {
  const from = ['--from', `${api.url}/v2/employees`, '--from', `${api.url}/v2/teams`];
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
    '# question: skills is an array and is omitted; to land it, add',
  ]) {
    expect(draft).toContain(line);
  }
  expect(`${draft}${made.stdout}`).not.toMatch(/kanary|emp_9/i);
  expect(await project.ask('explain', 'hr')).toMatchObject({ exit: 0 });
  expect(await project.ask('run', 'hr')).toMatchObject({
    exit: 0,
    document: {
      datasets: [
        { landed: 50, rejected: 0 },
        { landed: 4, rejected: 0 },
      ],
    },
  });

  // What the question on the array says.
  const [, property = '', column = ''] =
    /to land it, add `(skills: .*?)` to its `properties` and `(.*?)` to/.exec(draft) ?? [];
  edit('          team_id: {', `          ${property}\n          team_id: {`);
  edit('      team_id: { from', `      ${column}\n      team_id: { from`);

  // Two answers to questions, the second with a mistake that the loader explains.
  edit(
    'query` or `path`.\n    request:\n      path: /v2/employees\n',
    "query` or `path`.\n    request:\n      path: /v2/employees\n      query: { updated_since: '{date}' }\n",
  );
  const time = /employees:\n( {4}time: snapshot # question: .*)\n/.exec(project.page('hr'))?.[1] ?? '';
  expect(time).toContain('use `by_date`, with {date} in `query` or `path`');
  edit(`employees:\n${time}`, 'employees:\n    time: by_dat');
  const wrong = await project.run('run', 'hr');
  expect(wrong.stderr).toContain('did you mean `by_date`');
  edit('time: by_dat\n', 'time: by_date\n');
  expect(await project.ask('run', 'hr')).toMatchObject({
    exit: 0,
    document: { datasets: [{ landed: 50 }, { landed: 4 }] },
  });
  expect(await project.ask('verify')).toMatchObject({ exit: 0 });
  const lake = join(project.dir, 'data_lake');
  const written = readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  for (const name of written) expect(readFileSync(join(lake, name), 'utf8')).not.toMatch(/kanary/i);
});
