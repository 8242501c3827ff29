import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { singular } from '../../src/draft/names.js';
import { json, startStubApi, status, type StubApi } from '../support/stub-api.js';
import { type DraftProject, makeDraftProject } from './draft-project.js';

const EMPLOYEES = Array.from({ length: 30 }, (_, n) => ({
  id: `e-${String(1000 + n)}`,
  email: `person${String(n)}@corp.example`,
  department_id: 70 + (n % 3),
  manager_id: n === 0 ? null : 'e-1000',
}));
const DEPARTMENTS = [70, 71, 72].map((id) => ({ id, manager_id: 'e-1001', code: `D${String(id)}` }));
const LOCATIONS = [1, 2, 3].map((id) => ({ id, employee_id: 'e-1002', floor: id }));

let api: StubApi;
let project: DraftProject;

beforeAll(async () => {
  api = await startStubApi(({ path, headers }) => {
    if (headers['x-api-key'] !== 'kanary') return status(401);
    if (path === '/v1/employees') return json({ data: EMPLOYEES });
    if (path === '/v1/departments') return json({ data: DEPARTMENTS });
    return path === '/v1/locations' ? json({ data: LOCATIONS }) : status(404);
  });
  project = makeDraftProject();
  writeFileSync(join(project.dir, '.env'), 'API_KEY=kanary\nFLOOR=kanaryfloor\n');
});

afterAll(async () => {
  await api.close();
  project.remove();
});

const KEY = ['--header', 'X-Api-Key: ${API_KEY}'];

describe('several endpoints', () => {
  it('become one definition, whose ids join, and a later one is added to it', async () => {
    const { url } = api;
    const from = ['--from', `${url}/v1/employees`, '--from', `${url}/v1/departments`];
    const made = await project.run('new', 'hr', ...from, ...KEY);
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    expect(made.stdout).toMatch(
      /Drafted pipelines\/hr\.yaml from 33 records[^]*Dataset employees:[^]*Dataset departments:/,
    );
    const page = project.page('hr');
    for (const line of [
      'id: { from: id, treat: token, scope: employee }',
      'department_id: { from: department_id, treat: token, scope: department } # question: does it refer to departments?',
      'manager_id: { from: manager_id, treat: token, scope: employee } # question: does it refer to employees?',
    ]) {
      expect(page).toContain(line);
    }
    expect(page.split('manager_id: { from: manager_id, treat: token, scope: employee }')).toHaveLength(3);
    const commented = page
      .replace('datasets:\n', '# All of them.\ndatasets:\n  # The people.\n')
      .concat('# The end.\n');
    writeFileSync(join(project.dir, 'pipelines', 'hr.yaml'), commented);
    const added = await project.run(
      ...['new', '--into', 'hr', '--from', `${url}/v1/locations`, '--query', 'floor=${FLOOR}'],
    );
    expect(added).toMatchObject({ exit: 0, stderr: '' });
    const extended = project.page('hr');
    expect(extended.startsWith(commented.replace('env: [API_KEY]', 'env: [API_KEY, FLOOR]'))).toBe(true);
    expect(extended).toContain(
      'employee_id: { from: employee_id, treat: token, scope: employee } # question',
    );
    expect(extended).not.toContain('kanary');
    const ran = await project.ask('run', 'hr');
    expect(ran).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 30 }, { landed: 3 }, { landed: 3 }] },
    });
  });

  it.each([
    [
      'of several servers',
      ['new', 'no', '--from', 'URL/v1/employees', '--from', 'http://localhost:1/x'],
      /several servers/,
    ],
    [
      'of one name',
      ['new', 'no', '--from', 'URL/a/x', '--from', 'URL/b/x'],
      /two samples would be dataset x/,
    ],
    ['without a name', ['new', '--from', 'URL/v1/employees'], /the pipeline has no name/],
    [
      'under one name',
      ['new', 'x', '--into', 'hr2', '--from', 'URL/a', '--from', 'URL/b'],
      /several datasets/,
    ],
    [
      'into a definition that is not there',
      ['new', '--into', 'gone', '--from', 'URL/a'],
      /pipeline not found/,
    ],
  ])('%s are refused', async (_, argv, says) => {
    const { exit, stderr } = await project.run(...argv.map((word) => word.replace('URL', api.url)));
    expect({ exit, says: says.test(stderr) }).toEqual({ exit: 2, says: true });
  });

  it('beside other ones are refused where the definition could not hold them', async () => {
    const text = `pipeline: braces
source: { base_url: "${api.url}/v1", headers: { X-Api-Key: "\${API_KEY}" } }
env: [API_KEY]
datasets: { floors: { time: snapshot, request: { path: /locations, records: data }, contract: { schema: { type: object, properties: { id: { type: integer, x-pii: direct } } } }, landing: { id: { from: id, treat: token, scope: floor } } } }
`;
    writeFileSync(join(project.dir, 'pipelines', 'braces.yaml'), text);
    const add = (...argv: string[]) => project.run('new', ...argv, '--into', 'braces');
    expect((await add('people2', '--from', `${api.url}/v1/employees`)).stderr).toMatch(/datasets in braces/);
    expect((await add('--from', `${api.url}/v2/employees`)).stderr).toMatch(/not below `base_url`/);
    expect((await add('--from', `${api.url}/v1/employees`, ...KEY)).stderr).toMatch(
      /headers and credentials/,
    );
    expect((await add('floors', '--from', `${api.url}/v1/locations`)).stderr).toMatch(
      /already has a dataset/,
    );
    expect(readFileSync(join(project.dir, 'pipelines', 'braces.yaml'), 'utf8')).toBe(text);
  });

  it('may be files, in folders of their own, with an indented list of variables above', async () => {
    mkdirSync(join(project.dir, 'one'));
    mkdirSync(join(project.dir, 'two'));
    const files = [join(project.dir, 'one', 'desks.json'), join(project.dir, 'two', 'chairs.json')];
    writeFileSync(files[0] ?? '', JSON.stringify(LOCATIONS));
    writeFileSync(files[1] ?? '', JSON.stringify(LOCATIONS));
    const made = await project.run('new', 'office', ...files.flatMap((file) => ['--from', file]));
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    expect(project.page('office')).toMatch(
      /base_url: "file:one"[^]*desks:[^]*chairs:[^]*base_url: "file:two"/,
    );
    expect(await project.ask('run', 'office')).toMatchObject({ exit: 0 });
  });
});

describe('the singular of a word', () => {
  it.each([
    ['employees', 'employee'],
    ['status', 'status'],
    ['companies', 'company'],
    ['branches', 'branch'],
    ['addresses', 'address'],
    ['statuses', 'status'],
    ['analysis', 'analysis'],
    ['people', 'person'],
    ['news', 'news'],
    ['bus', 'bus'],
  ])('%s is %s', (word, expected) => {
    expect(singular(word)).toBe(expected);
  });
});
