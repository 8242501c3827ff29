import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { json, startStubApi, status, type StubApi } from '../support/stub-api.js';
import { CANARIES, type DraftProject, makeDraftProject } from './draft-project.js';

const TEAMS = ['kanary a', 'kanary/b', 'kanary-c'].map((id) => ({ id, city: 'Bonn' }));
const ORDERS = Array.from({ length: 30 }, (_, n) => ({
  id: `kanary-${String(n)}`,
  code: n % 2 === 0 ? 7 + n : `kanary${String(n)}`,
  emails: [`kanary${String(n)}@gmail.com`],
  scores: [n, n + 1],
  none: [],
  mixed: [1, { a: 1 }],
  lines: [{ no: n, sku: `kanarysku${String(n)}`, tags: [`kanarytag${String(n)}`] }],
  custom_fields: { size: n, color: 'kanaryred', vip: n % 2 === 0, note: null },
  attributes: n % 2 === 0 ? { weight: n } : { height: 'kanary' },
}));

const EVENTS = Array.from({ length: 30 }, (_, n) => ({
  id: 100 + n,
  ID: `kanary-${String(n)}`,
  '@odata.etag': `kanary ${String(n)}`,
  created_at: 1_795_168_800 + n,
  updated_at: 1_795_168_800_000 + n,
  deleted_at: `2026-11-20 10:00:${String(10 + n)}+0000`,
  closed_at: `2026-11-20 10:00:${String(10 + n)}`,
}));

let api: StubApi;
let project: DraftProject;

beforeAll(async () => {
  api = await startStubApi(({ path }) => {
    if (path === '/orders') return json({ data: ORDERS });
    if (path === '/events') return json({ data: EVENTS, total: EVENTS.length });
    if (path === '/teams') return json({ data: TEAMS });
    const team = /^\/teams\/([^/]+)\/members$/.exec(path)?.[1];
    if (team === undefined) return status(404);
    const id = decodeURIComponent(team);
    return json({ data: id === 'kanary/b' ? [{ name: 'Kanary Xq' }] : [] });
  });
});

afterAll(() => api.close());

beforeEach(() => {
  project = makeDraftProject();
});

afterEach(() => {
  project.remove();
});

const from = (...paths: string[]) => paths.flatMap((path) => ['--from', `${api.url}${path}`]);

function expectNoCanary(): void {
  const lake = join(project.dir, 'data_lake');
  const files = readdirSync(lake, { recursive: true, encoding: 'utf8' });
  for (const name of files.filter((file) => file.endsWith('.json'))) {
    expect(readFileSync(join(lake, name), 'utf8')).not.toMatch(CANARIES);
  }
}

describe('lists and maps in records', () => {
  it('land: scalars as lists, objects and entries as rows that join, values of several types as text', async () => {
    const made = await project.run('new', 'shop', ...from('/orders'));
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page('shop');
    expect(`${page}${made.stdout}`).not.toMatch(CANARIES);
    for (const line of [
      'code: { type: string, x-as-text: true, x-pii: direct }',
      "emails: { type: [array, 'null'], items: { type: string, maxLength: 254, x-pii: direct } }",
      'emails: { from: emails, each: mask_email }',
      '- scores # question: what is it?',
      '# question: none is an array and is omitted',
      '# question: mixed is an array and is omitted',
      'shop_lines:\n    of: shop\n    explode: lines\n',
      'lines_tags: { from: lines.tags, each: redact }',
      'primary_key: [id, lines_no]',
      'shop_custom_fields:\n    of: shop\n    explode: custom_fields\n',
      'shop_attributes:\n    of: shop\n    explode: attributes\n',
      'propertyNames: { type: string, x-pii: direct }',
      "additionalProperties: { type: [string, 'null'], x-as-text: true, x-pii: direct }",
    ]) {
      expect(page).toContain(line);
    }
    expect(await project.ask('run', 'shop')).toMatchObject({
      exit: 0,
      document: {
        datasets: [
          { dataset: 'shop', landed: 30, rejected: 0 },
          { dataset: 'shop_lines', landed: 30, rejected: 0 },
          { dataset: 'shop_custom_fields', landed: 120, rejected: 0 },
          { dataset: 'shop_attributes', landed: 30, rejected: 0 },
        ],
      },
    });
    expectNoCanary();
  });
});

describe('a URL with a field of another dataset', () => {
  it('becomes requests for each of its records, and the first with records is the sample', async () => {
    const made = await project.run('new', 'clubs', ...from('/teams/{teams.id}/members', '/teams'));
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page('clubs');
    expect(`${page}${made.stdout}`).not.toMatch(CANARIES);
    for (const line of [
      'for_each: { dataset: teams }\n',
      'path: "/teams/{teams.id}/members"\n',
      'teams_id: { from: teams.id, treat: token, scope: team }',
    ]) {
      expect(page).toContain(line);
    }
    expect(await project.ask('run', 'clubs')).toMatchObject({
      exit: 0,
      document: {
        datasets: [
          { dataset: 'teams', landed: 3 },
          { dataset: 'members', landed: 1 },
        ],
      },
    });
    expectNoCanary();
  });

  it.each([
    [['/teams/{teams.id}/members'], /teams, which is no dataset of this draft.*add its URL/s],
    [['/teams', '/teams/{teams.number}/members'], /teams has no such field|value at `number`/],
    [['/teams', '/orders', '/teams/{teams.id}/{orders.id}/members'], /fields of two datasets/],
    [['/teams', '/gone/{teams.id}/members'], /404/],
  ])('is refused where it names none: %j', async (paths, says) => {
    const told = await project.run('new', 'refused', ...from(...paths));
    expect(told.exit).not.toBe(0);
    expect(told.stderr).toMatch(says);
    expect(`${told.stdout}${told.stderr}`).not.toMatch(CANARIES);
  });
});

describe('moments and names', () => {
  it('that a contract can read are drafted so', async () => {
    const made = await project.run('new', 'shop', ...from('/events'));
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page('shop');
    for (const line of [
      'created_at: { type: integer, x-format: epoch, x-pii: quasi }',
      'updated_at: { type: integer, x-format: epoch_ms, x-pii: quasi }',
      'deleted_at: { type: string, format: date-time, x-format: iso, x-pii: quasi }',
      'closed_at: { type: string, format: date-time, x-format: iso, x-timezone: UTC, x-pii: quasi }',
      'created_at: { from: created_at, treat: truncate_date, unit: month }',
      '# question: which time zone is it in?',
      'odata_etag: { from: "\\"@odata.etag\\"", treat: redact }',
      'id_2: { from: ID, treat: token',
    ]) {
      expect(page).toContain(line);
    }
    expect(await project.ask('run', 'shop')).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 30, rejected: 0 }] },
    });
  });
});

describe('dates in other forms', () => {
  const value = (at: number) => {
    const two = (n: number) => String(n).padStart(2, '0');
    return {
      id: at,
      born: `199${at % 10}-5-${10 + (at % 9)}`,
      dob: `${1 + (at % 12)}/${10 + (at % 18)}/1982`,
      hired: `${13 + (at % 9)}.5.2001`,
      joined: `Sun Aug 31 ${10 + (at % 10)}:24:46 -0700 2008`,
      sent: `Sun, 31 Aug 2008 ${10 + (at % 10)}:24:46 GMT`,
      seen: `2024/5/${10 + (at % 9)} ${at % 12}:${two(at)}`,
      moved: `${1 + (at % 9)}/${1 + (at % 9)}/${2000 + at}`,
      changed: `${1 + (at % 9)}/${2 + (at % 9)}/2001`,
    };
  };

  it('are read by a pattern, so that year and month land', async () => {
    const file = join(project.root, 'dates.json');
    writeFileSync(file, JSON.stringify(Array.from({ length: 30 }, (_, at) => value(at))));
    expect(await project.run('new', 'dates', '--from', file)).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page('dates');
    for (const line of [
      "born: { type: [string, 'null'], format: date, x-format: yyyy-M-d, x-on-invalid: set_null, x-pii: quasi }",
      'born: { from: born, treat: truncate_date, unit: year }',
      `dob: { type: [string, 'null'], format: date, x-format: M/d/yyyy, x-on-invalid: set_null, x-pii: quasi }`,
      'dob: { from: dob, treat: truncate_date, unit: year }',
      `hired: { type: [string, 'null'], format: date, x-format: d.M.yyyy,`,
      `joined: { type: [string, 'null'], format: date-time, x-format: "EEE MMM d HH:mm:ss X yyyy",`,
      'joined: { from: joined, treat: truncate_date, unit: month }',
      `x-format: "EEE, d MMM yyyy HH:mm:ss 'GMT'", x-timezone: UTC,`,
      `seen: { type: [string, 'null'], format: date-time, x-format: "yyyy/M/d H:mm", x-timezone: UTC,`,
      `moved: { type: [string, 'null'], format: date, x-format: M/d/yyyy,`,
      'changed: { type: string, x-pii: direct }',
    ])
      expect(page).toContain(line);
    mkdirSync(join(project.dir, 'data'), { recursive: true });
    copyFileSync(file, join(project.dir, 'data', 'dates.json'));
    expect(await project.ask('run', 'dates')).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 30, rejected: 0, nulled: [] }] },
    });
  });
});
