import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, startStubApi, type StubApi } from '../support/stub-api.js';
import { type DraftProject, makeDraftProject } from './draft-project.js';

const SIZE = 40;

/** Later pages hold what the first does not: other members, longer texts, larger counts, missing fields. */
const ITEMS = Array.from({ length: 3 * SIZE }, (_, n) => ({
  id: n + 1,
  status: n < SIZE ? 'active' : n < 2 * SIZE ? 'closed' : 'pending',
  quantity: n < SIZE ? n % 9 : 5_000_000,
  comment: 'x'.repeat(n < SIZE ? 5 : 5_000),
  foo: `zq${'y'.repeat(n < SIZE ? 5 : 4_000)}`,
  ...(n < SIZE ? { unit: 'kg', extra: 'zq' } : {}),
}));

const COUNTRIES = Array.from({ length: 30 }, (_, n) => ({
  id: n,
  code: `C${String(n)}`,
  name: `Land ${String.fromCodePoint(65 + (n % 26))}`,
  population: 1000 * n,
  latitude: 1.5 * n,
  founded: `1${String(900 + n)}-01-01`,
  contact_email: 'office@land.example',
  owner_id: n,
  dob: `19${String(50 + n)}-02-01`,
}));

let api: StubApi;
let project: DraftProject;

beforeAll(async () => {
  api = await startStubApi(({ path, query }) => {
    if (path === '/countries') return json(COUNTRIES);
    const at = Number(query.get('cursor') ?? (Number(query.get('page') ?? 1) - 1) * SIZE);
    const data = ITEMS.slice(at, at + SIZE);
    if (path === '/counted') return json({ total: ITEMS.length, data });
    return json({ data, next_cursor: at + SIZE < ITEMS.length ? String(at + SIZE) : null });
  });
  project = makeDraftProject();
});

afterAll(async () => {
  await api.close();
  project.remove();
});

describe('a draft refuses no record of its source', () => {
  it.each([
    ['whose end is not known', 'cursors', false],
    ['whose last page was requested', 'counted', true],
  ])('%s', async (_, name, isListed) => {
    expect(await project.run('new', name, '--from', `${api.url}/${name}`)).toMatchObject({
      exit: 0,
      stderr: '',
    });
    const page = project.page(name);
    expect(page.includes('enum: ["active", "closed", "pending"]')).toBe(isListed);
    if (!isListed)
      expect(page).toContain('status: { from: status, treat: redact } # question: its values look like');
    expect(page).toMatch(/comment: \{ type: (?:string|\[string, 'null'\]), x-pii: sensitive \}/);
    expect(page).toMatch(/foo: \{ type: (?:string|\[string, 'null'\]), x-pii: direct \}/);
    expect(await project.ask('run', name)).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 3 * SIZE, rejected: 0 }] },
    });
  });
});

describe('reference data', () => {
  it('is kept with --no-people, but for fields with signs of people', async () => {
    const made = await project.run('new', 'countries', '--from', `${api.url}/countries`, '--no-people');
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page('countries');
    for (const line of [
      '# Drafted with --no-people: fields without signs of people have class none and are kept.',
      'id: { from: id, treat: keep, reviewed: "not about people (--no-people)" }',
      'name: { from: name, treat: keep, reviewed:',
      'latitude: { from: latitude, treat: keep, reviewed:',
      'founded: { from: founded, treat: keep }',
      'contact_email: { from: contact_email, treat: mask_email }',
      'owner_id: { from: owner_id, treat: token, scope: owner }',
      'dob: { from: dob, treat: truncate_date, unit: year }',
    ]) {
      expect(page).toContain(line);
    }
    expect(await project.ask('run', 'countries')).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 30, rejected: 0 }] },
    });
  });

  it('is not guessed: without the flag nothing of it is kept, and the fields are counted', async () => {
    const made = await project.run('new', 'lands', '--from', `${api.url}/countries`);
    expect(project.page('lands')).not.toContain('reviewed');
    expect(made.stdout).toContain('Found: personal 6, other 1, unknown 2.');
  });
});

describe('the commands that `new` prints', () => {
  it('work for a file outside the project', async () => {
    const file = join(project.root, "it's here.json");
    writeFileSync(file, JSON.stringify(COUNTRIES));
    const { stdout } = await project.run('new', 'outside', '--from', file);
    const copy = /^ {2}(mkdir .*)$/m.exec(stdout)?.[1] ?? '';
    execFileSync('sh', ['-c', copy], { cwd: project.dir });
    expect(await project.ask('ingest', 'outside', '--limit-pages', '1')).toMatchObject({ exit: 0 });
    expect(await project.ask('run', 'outside')).toMatchObject({ exit: 0 });
    expect(stdout).toContain('data/outside.json contain raw values');
  });
});
