import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  bytes,
  json,
  startStubApi,
  status,
  type StubApi,
  type StubRequest,
} from '../support/stub-api.js';
import { CANARIES, type DraftProject, makeDraftProject, makePeople } from './draft-project.js';

const PEOPLE = makePeople(60);
const CSV = [
  'id,Full Name,email,quantity,status,zip',
  ...PEOPLE.map(({ id, fullName, email, quantity, status: state }) =>
    [id, fullName, email, quantity, state, '00777'].map(String).join(','),
  ),
].join('\n');

let api: StubApi;
let project: DraftProject;

function answer({ path, query }: StubRequest): Answer {
  const page = Number(query.get('page') ?? 1);
  switch (path) {
    case '/bare':
      return json(PEOPLE);
    case '/envelope':
      return json({ page, per_page: 25, total: 60, data: PEOPLE.slice((page - 1) * 25, page * 25) });
    case '/nested':
      return json({ response: { meta: { took: 3 }, result: { people: PEOPLE } } });
    case '/keyed':
      return json({ users: Object.fromEntries(PEOPLE.map((person) => [String(person['email']), person])) });
    case '/table':
      return bytes(CSV, { 'content-type': 'text/csv' });
    default:
      return status(404);
  }
}

beforeAll(async () => {
  api = await startStubApi(answer);
  project = makeDraftProject();
});

afterAll(async () => {
  await api.close();
  project.remove();
});

describe('a draft', () => {
  it.each([
    { shape: 'bare', landed: 60, says: ['records: ""', 'type: none'] },
    { shape: 'envelope', landed: 60, says: ['records: data', 'page_param: page, total_path: total'] },
    { shape: 'nested', landed: 60, says: ['records: response.result.people'] },
    { shape: 'keyed', landed: 60, says: ['records: users', 'keyed: true'] },
    { shape: 'table', landed: 60, says: ['format: csv'] },
  ])('of a source of the shape $shape loads, lands and verifies', async (given) => {
    const { shape, landed, says } = given;
    const made = await project.run('new', shape, '--from', `${api.url}/${shape}`);
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    const page = project.page(shape);
    for (const text of says) expect(page).toContain(text);
    expect(`${page}${made.stdout}`).not.toMatch(CANARIES);
    expect(await project.ask('explain', shape)).toMatchObject({ exit: 0 });
    const ran = await project.ask('run', shape);
    expect(ran).toMatchObject({ exit: 0, document: { datasets: [{ landed, rejected: 0, duplicates: 0 }] } });
    expect(await project.ask('verify')).toMatchObject({ exit: 0 });
  });

  it('decides on each field, strictly', async () => {
    await project.run('new', 'decided', '--from', `${api.url}/bare`);
    const page = project.page('decided');
    for (const line of [
      'id: { from: id, treat: token, scope: decided }',
      'full_name: { from: fullName, treat: redact }',
      'email: { from: email, treat: mask_email }',
      'phone: { from: phone, treat: mask }',
      'card: { from: card, treat: redact }',
      'iban: { from: iban, treat: redact }',
      'born: { from: born, treat: truncate_date, unit: year }',
      'status: { from: status, treat: keep }',
      'quantity: { from: quantity, treat: keep }',
      'active: { from: active, treat: keep }',
      'manager: { from: manager, treat: redact }',
      'address_zip: { from: address.zip, treat: redact }',
      'address_geo_lat: { from: address.geo.lat, treat: round, decimals: 1 }',
      'foo: { from: foo, treat: redact } # question: what is it?',
      '- apiKey',
      '- comment',
      'status: { enum: ["active", "closed"], x-pii: none }',
      'primary_key: [id]',
      'tags: { from: tags, each: redact } # question: what is it?',
      '# question: visits is an object whose keys look like data and is omitted',
      '# question: the record has fields whose names look like data or are rare; they are omitted',
    ]) {
      expect(page).toContain(line);
    }
    expect(page).not.toContain('Kanaryboss');
  });

  it('is of a file of the project, which is named as raw', async () => {
    mkdirSync(join(project.dir, 'data'));
    writeFileSync(
      join(project.dir, 'data', 'people.ndjson'),
      PEOPLE.map((person) => JSON.stringify(person)).join('\n'),
    );
    const file = join(project.dir, 'data', 'people.ndjson');
    const made = await project.run('new', 'lines', '--from', file);
    expect(made).toMatchObject({ exit: 0, stderr: '' });
    expect(made.stdout).toContain(`${file} contains raw values: delete it`);
    expect(project.page('lines')).toContain('base_url: "file:data"');
    expect(await project.ask('run', 'lines')).toMatchObject({
      exit: 0,
      document: { datasets: [{ landed: 60 }] },
    });
  });

  it('of a file elsewhere asks where the records come from, and loads', async () => {
    const file = join(project.root, 'kanary.json');
    writeFileSync(file, JSON.stringify({ data: PEOPLE }));
    expect(await project.ask('new', 'elsewhere', '--from', file)).toMatchObject({
      exit: 0,
      document: {
        pipeline: 'elsewhere',
        datasets: [{ records: 60 }],
        raw: [{ file, copy_to: 'data/elsewhere.json' }],
      },
    });
    const page = project.page('elsewhere');
    expect(page).toContain('base_url: "file:data" # question: where do the records come from?');
    expect(page).toContain('path: /elsewhere.json');
    expect(page).not.toMatch(CANARIES);
    expect(await project.ask('explain', 'elsewhere')).toMatchObject({ exit: 0 });
  });

  it('is the only thing that is written', async () => {
    const before = listBelow(project.root);
    await project.run('new', 'alone', '--from', `${api.url}/bare`);
    const added = listBelow(project.root).filter((name) => !before.includes(name));
    expect(added).toEqual([join('project', 'pipelines', 'alone.yaml')]);
  });
});

function listBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}
