import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCaptured } from '../commands/capture-output.js';
import {
  type Answer,
  bytes,
  gzipBomb,
  html,
  json,
  redirect,
  startStubApi,
  status,
  type StubApi,
} from '../support/stub-api.js';
import { CANARIES, type DraftProject, makeDraftProject, makePeople } from './draft-project.js';

let api: StubApi;
let project: DraftProject;

const PEOPLE = makePeople(3);
const EMAILS = PEOPLE.map(({ email }) => String(email));
const ANSWERS: Readonly<Record<string, Answer>> = {
  '/page': html(),
  '/bomb': gzipBomb(),
  '/moved': redirect('/good'),
  '/away': redirect('https://kanary.example.org/'),
  '/gone': status(404),
  '/locked': status(401),
  '/good': json(PEOPLE),
  '/none': json({ data: [], kanaryname: 'x' }),
  '/one': json({ id: 1, fullName: 'Kanary Xq' }),
  '/by-email': json(Object.fromEntries(EMAILS.map((email, n) => [email, n]))),
  '/rows-by-email': json([Object.fromEntries(EMAILS.map((email, n) => [email, n]))]),
  '/mixed': json([{ a: { b: 'Kanary Xq' } }, { a: 1 }]),
  '/deep': bytes(`${'[{"a":'.repeat(40)}1${'}]'.repeat(40)}`),
  '/headless': bytes('kanary001@kanary-host.example,7\nkanary002@kanary-host.example,8\n'),
  '/repeated': bytes('kanaryville,7\nkanaryville,8\n'),
  '/ragged': bytes('id,name\n1,Kanary Xq,3\n'),
  '/plain': bytes('Kanary,Xq,Springfield\nKanaryb,Xr,Shelbyville\n'),
  '/patients': bytes('Kanaryingrid,Kanarylehmann,HIV,Springfield\nPaul,Weber,asthma,Shelbyville\n'),
  '/asthma': bytes('Kanarypaul,kanaryasthma\nIngrid,HIV\n'),
  '/codes': bytes('KANARY,XQ,17\nABC,XR,18\n'),
  '/spaced': bytes('Kanary Xq,Springfield\nlower,case\n'),
  '/semicolons': bytes('id;fullName;price\n1;Kanary Xq;1,50\n'),
  '/tabs': bytes('id\tfullName\n1\tKanary Xq\n'),
  '/broken': bytes('{"fullName":"Kanary Xq"'),
};

beforeAll(async () => {
  api = await startStubApi(({ path }) => ANSWERS[path] ?? status(404));
  project = makeDraftProject();
});

afterAll(async () => {
  await api.close();
  project.remove();
});

async function expectRefusal(code: string, exit: number, ...argv: string[]): Promise<void> {
  const before = readdirSync(join(project.dir, 'pipelines'));
  const told = await project.run(...argv);
  expect(told.exit).toBe(exit);
  expect(`${told.stdout}${told.stderr}`).not.toMatch(CANARIES);
  const { document } = await project.ask(...argv);
  expect(document).toMatchObject({ error: { code, exit } });
  expect(JSON.stringify(document)).not.toMatch(CANARIES);
  expect(readdirSync(join(project.dir, 'pipelines'))).toEqual(before);
}

it('an answer that requires authentication is told with the way by a file', async () => {
  const { document } = await project.ask('new', 'refused', '--from', `${api.url}/locked`);
  expect(document).toMatchObject({ error: { code: 'E_DRAFT', exit: 3 } });
  expect(JSON.stringify(document)).toMatch(
    /add `--header 'Authorization: Bearer \$\{API_TOKEN\}'`.*save one answer to a file/,
  );
});

describe('no draft is made', () => {
  it.each([
    ['a page for people', '/page', 'E_SOURCE_NOT_JSON'],
    ['an answer that unpacks to too much', '/bomb', 'E_DRAFT'],
    ['a redirect', '/moved', 'E_SOURCE_REDIRECT'],
    ['a redirect to elsewhere', '/away', 'E_SOURCE_REDIRECT'],
    ['no answer', '/gone', 'E_SOURCE_STATUS'],
    ['no records', '/none', 'E_DRAFT'],
    ['one record alone', '/one', 'E_DRAFT'],
    ['values under addresses of people', '/by-email', 'E_DRAFT'],
    ['records whose fields are addresses of people', '/rows-by-email', 'E_DRAFT'],
    ['fields that have no one type', '/mixed', 'E_DRAFT'],
    ['nesting without end', '/deep', 'E_SOURCE_STRUCTURE'],
    ['CSV without a header line', '/headless', 'E_DRAFT'],
    ['CSV whose first line is met again', '/repeated', 'E_DRAFT'],
    ['rows of several lengths', '/ragged', 'E_SOURCE_NOT_CSV'],
    ['CSV whose first line is as much a record as the others', '/plain', 'E_DRAFT'],
    ['CSV that begins with a patient', '/patients', 'E_DRAFT'],
    ['CSV that begins with a name beside a lower-case word', '/asthma', 'E_DRAFT'],
    ['CSV that begins with capitals that nobody knows', '/codes', 'E_DRAFT'],
    ['CSV that begins with words with blanks', '/spaced', 'E_DRAFT'],
    ['CSV by semicolons', '/semicolons', 'E_SOURCE_NOT_CSV'],
    ['CSV by tabs', '/tabs', 'E_SOURCE_NOT_CSV'],
    ['a body that breaks off', '/broken', 'E_SOURCE_NOT_JSON'],
  ])('of %s', async (_, path, code) => {
    await expectRefusal(code, 3, 'new', 'refused', '--from', `${api.url}${path}`);
  });

  it.each([
    ['a password', 'https://kanary:x@example.org/users', 'E_SAMPLE_URL'],
    ['a query', 'https://example.org/users?key=kanary', 'E_SAMPLE_URL'],
    ['a fragment', 'https://example.org/users#kanary', 'E_SAMPLE_URL'],
    ['an address of somebody', 'https://example.org/users/a@kanary.example', 'E_SAMPLE_URL'],
    ['a key of somebody', 'https://example.org/sk_live_kanary4eC39HqLyj/users', 'E_SAMPLE_URL'],
    ['a digest', `https://example.org/${'0123456789abcdef'.repeat(2)}/users`, 'E_SAMPLE_URL'],
    ['another protocol', 'ftp://example.org/kanary', 'E_USAGE'],
    ['plain http beyond this machine', 'http://example.org/users', 'E_PLAIN_HTTP'],
  ])('from an address with %s', async (_, url, code) => {
    await expectRefusal(code, 2, 'new', 'refused', '--from', url);
  });

  it('from a file that is not there, is too large, or is a folder', async () => {
    writeFileSync(join(project.root, 'large.json'), ' '.repeat(8_000_001));
    await expectRefusal('E_DISK_READ', 6, 'new', 'refused', '--from', join(project.root, 'nothing.json'));
    await expectRefusal('E_DISK_READ', 6, 'new', 'refused', '--from', project.dir);
    await expectRefusal('E_DRAFT', 3, 'new', 'refused', '--from', join(project.root, 'large.json'));
  });

  it.each([
    ['page.json', '<html>Kanary Xq</html>', 'it is not JSON, JSON lines or CSV'],
    ['empty.json', '', 'it is not JSON, JSON lines or CSV'],
    ['latin.csv', Buffer.from('id,fullName\n1,Kanary Xq\xfc\n', 'latin1'), 'in UTF-8'],
    ['broken.ndjson', '{"id":1}\n{"fullName":"Kanary', 'it is not JSON, JSON lines or CSV'],
    ['semicolons.csv', 'id;fullName\n1;Kanary Xq\n', 'its header line has no'],
    ['ragged.csv', 'id,fullName\n1,Kanary Xq,3\n', 'a row has a different length than the header'],
  ])('from a file that is no sample, with words for files: %s', async (name, content, why) => {
    const file = join(project.root, name);
    writeFileSync(file, content);
    await expectRefusal('E_DRAFT', 3, 'new', 'refused', '--from', file);
    const { document } = await project.ask('new', 'refused', '--from', file);
    expect(JSON.stringify(document)).toContain(why);
    expect(JSON.stringify(document)).not.toMatch(/base_url|proxy/);
  });

  it('where its page or a dataset of its name is there', async () => {
    expect(await project.run('new', 'taken', '--from', `${api.url}/good`)).toMatchObject({ exit: 0 });
    await expectRefusal('E_TAKEN', 2, 'new', 'taken', '--from', `${api.url}/good`);
    const page = project.page('taken').replace('pipeline: taken', 'pipeline: other');
    writeFileSync(join(project.dir, 'pipelines', 'other.yaml'), page.replace('  taken:', '  inner:'));
    await expectRefusal('E_TAKEN', 2, 'new', 'inner', '--from', `${api.url}/good`);
  });

  it('under a name that is none, or where no project is', async () => {
    await expectRefusal('E_NAME', 2, 'new', '../x', '--from', `${api.url}/good`);
    const empty = join(project.root, 'empty');
    mkdirSync(empty);
    const told = await runCaptured(['new', 'x', '--from', `${api.url}/good`, '--project', empty]);
    expect(told.exit).toBe(2);
  });
});
