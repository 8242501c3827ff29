import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCanaries, makeCanary } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { type CliEnd, makeSandbox, type Sandbox } from '../support/cli.js';
import {
  type Answer,
  bytes,
  drip,
  emptyObjects,
  failFirst,
  gzipBomb,
  hangUpMidBody,
  html,
  json,
  nextLink,
  openBrackets,
  page,
  redirect,
  reset,
  resetMidBody,
  retryAfter,
  slowHeaders,
  stackedGzips,
  startStubApi,
  type StubApi,
  type StubRequest,
  truncatedJson,
} from '../support/stub-api.js';
import { readTree } from './lake-tree.js';
import { runHere } from './run-here.js';

const DATE = '2026-03-01';
const RECORDS = 30;
const TIMEOUT_MS = 1500;

let sandbox: Sandbox;
let api: StubApi;
/** Another origin, which nobody may ask for anything. */
let elsewhere: StubApi;
let before: Readonly<Record<string, string>>;

beforeAll(async () => {
  sandbox = await makeSandbox((yaml) => yaml.replace('timeout: 30s', `timeout: ${TIMEOUT_MS}ms`));
  await writeFile(join(sandbox.project, 'pipelines', 'people.yaml'), CURSOR_PIPELINE);
  elsewhere = await startStubApi(() => page(makeCanaries(RECORDS)));
  api = await startStubApi((request) => answerFault(request));
  const landed = await sandbox.run(argsFor('right', '--seed', 'old'));
  expect(landed.stderr).not.toContain('E_');
  expect(landed.exit).toBe(0);
  before = await readState();
  expect(await scanForCanaries([sandbox.root], { ...landed })).toEqual([]);
});
afterAll(async () => {
  await api.close();
  await elsewhere.close();
  await sandbox.remove();
});

const PEOPLE = { status: 'OK', code: 200, total: RECORDS, data: makeCanaries(RECORDS) };

interface Fault {
  readonly answer: () => Answer;
  readonly code: string;
}

/** Tried in a process of their own: what may end one, hold it up, fill its memory, or make it talk. */
const ALONE = new Set([
  'a refusal for ever (500)',
  'a drip',
  'a reset in the body',
  'a gzip bomb',
  '64 MB of {}',
]);

/** Each fault under its own path; a canary goes along wherever there is a place for one. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a refusal for ever (500)': { answer: () => json(PEOPLE, {}, 500), code: 'E_SOURCE_STATUS' },
  'a refusal that tells (404)': { answer: () => json(PEOPLE, {}, 404), code: 'E_SOURCE_STATUS' },
  'too many requests for ever (429)': { answer: () => retryAfter(0), code: 'E_SOURCE_STATUS' },
  'a wait of an hour (429)': { answer: () => retryAfter(3600), code: 'E_SOURCE_RETRY_AFTER' },
  silence: { answer: () => slowHeaders(30_000, json(PEOPLE)), code: 'E_SOURCE_TIMEOUT' },
  'a drip': { answer: () => drip(PEOPLE), code: 'E_SOURCE_TIMEOUT' },
  'a reset': { answer: () => reset(), code: 'E_SOURCE_CONNECT' },
  'a reset in the body': { answer: () => resetMidBody(PEOPLE), code: 'E_SOURCE_BODY' },
  'an end in the body': { answer: () => hangUpMidBody(PEOPLE), code: 'E_SOURCE_BODY' },
  'half a JSON text': { answer: () => truncatedJson(PEOPLE), code: 'E_SOURCE_NOT_JSON' },
  'a page of HTML': { answer: () => html(), code: 'E_SOURCE_NOT_JSON' },
  'a gzip bomb': { answer: () => gzipBomb(), code: 'E_SOURCE_TOO_LARGE' },
  'three gzips': { answer: () => stackedGzips(), code: 'E_SOURCE_BODY' },
  'no gzip': {
    answer: () => bytes(JSON.stringify(PEOPLE), { 'content-encoding': 'gzip' }),
    code: 'E_SOURCE_BODY',
  },
  '100,000 brackets': { answer: () => openBrackets(), code: 'E_SOURCE_STRUCTURE' },
  '64 MB of {}': { answer: () => emptyObjects(), code: 'E_SOURCE_TOO_LARGE' },
  'bytes that are no text': {
    answer: () => bytes(Buffer.from(JSON.stringify(PEOPLE), 'latin1')),
    code: 'E_SOURCE_NOT_JSON',
  },
  'no list of records': { answer: () => json({ data: makeCanary(1) }), code: 'E_SOURCE_SHAPE' },
  'a record that is a text': {
    answer: () => page(Array(RECORDS).fill('KanaryMail@x.example')),
    code: 'E_REJECTED',
  },
  'an empty list': { answer: () => page([]), code: 'E_SHORT_PULL' },
  'fewer than asked': { answer: () => page(makeCanaries(RECORDS - 1)), code: 'E_SHORT_PULL' },
  'a redirect to elsewhere': {
    answer: () => redirect(`${elsewhere.url}/?mail=KanaryMail`),
    code: 'E_SOURCE_REDIRECT',
  },
};

/** Made once: some take a while to make. */
const made = new Map<string, Answer>();

function answerFault({ path, query }: StubRequest): Answer {
  const name = decodeURIComponent(path.split('/')[1] ?? '');
  if (name === 'right') return page(makeCanaries(RECORDS), query.get('_seed'));
  if (name === 'once') return failFirst(1, resetMidBody(PEOPLE), page(makeCanaries(RECORDS)));
  if (name === 'cursor') return answerCursor(query.get('after'));
  const fault = FAULTS[name];
  if (fault === undefined) throw new Error(`no fault is called ${name}`);
  const answer = made.get(name) ?? fault.answer();
  made.set(name, answer);
  return answer;
}

describe.each(Object.entries(FAULTS))('%s', (name, { code }) => {
  it('fails the run, changes nothing, and tells nothing of anybody', async () => {
    const exit = code === 'E_REJECTED' ? 4 : 3;
    const environment = { RETRIES: '0', LOG_LEVEL: 'debug' };
    const forProgram = ALONE.has(name)
      ? await sandbox.run(argsFor(name, '--json'), environment)
      : await runHere(sandbox, argsFor(name, '--json'), environment);
    const forPerson = await runHere(sandbox, argsFor(name), environment);
    expect({ exit: forProgram.exit, ...readError(forProgram) }).toMatchObject({
      exit,
      error: { code, exit, where: { dataset: 'persons' } },
    });
    expect(forPerson).toMatchObject({ exit, stdout: '' });
    expect(forPerson.stderr).toContain(code);
    await expectUntouched({ forProgram, forPerson });
  });
});

it('names origin, path template, page and tries', async () => {
  const end = await runHere(sandbox, argsFor('a refusal for ever (500)', '--json'), { RETRIES: '1' });
  const where = { origin: api.url, path: '/api/v2/persons', page: 0, tries: 2, stage: 'fetch' };
  expect(readError(end)).toMatchObject({ error: { where } });
});

it('an API that is down is exit 3', async () => {
  const gone = await startStubApi(() => page([]));
  await gone.close();
  const args = ['run', '--date', DATE, '--records', String(RECORDS), '--source', gone.url, '--json'];
  const end = await runHere(sandbox, args, { RETRIES: '1' });
  expect(readError(end)).toMatchObject({ error: { code: 'E_SOURCE_CONNECT', where: { tries: 2 } } });
  expect(end.exit).toBe(3);
  await expectUntouched({ end });
});

it('a fault that passes is tried again, and the run succeeds', async () => {
  const args = ['ingest', '--limit-pages', '1', ...argsFor('once', '--json').slice(1)];
  const end = await runHere(sandbox, args, { RETRIES: '1', LOG_LEVEL: 'debug' });
  expect(end.exit).toBe(0);
  expect(JSON.parse(end.stdout)).toMatchObject({ datasets: [{ fetched: RECORDS }] });
  await expectUntouched({ end });
});

describe('a cursor that holds somebody', () => {
  it('is in no error, log or file when a later page fails', async () => {
    const args = ['run', 'people', '--date', DATE, '--source', `${api.url}/cursor`];
    const environment = { RETRIES: '1', LOG_LEVEL: 'debug' };
    const forProgram = await runHere(sandbox, [...args, '--json'], environment);
    const forPerson = await runHere(sandbox, args, environment);
    expect([forProgram.exit, forPerson.exit]).toEqual([3, 3]);
    expect(api.requests.map(({ query }) => query.get('after'))).toContain(CURSOR);
    await expectUntouched({ forProgram, forPerson });
  });
});

/** A cursor as a next link to another place, with a name in it. */
const CURSOR = 'https://elsewhere.example/?after=xKanaryMail@kanaryhost.example';

function answerCursor(after: string | null): Answer {
  return after === null ? nextLink(makeCanaries(2), CURSOR) : json(PEOPLE, {}, 500);
}

const CURSOR_PIPELINE = `
pipeline: people
description: People behind a cursor.
env: [RETRIES]
source: { base_url: embedded, retries: "\${RETRIES:-1}", timeout: 2s }
datasets:
  people:
    time: by_date
    request:
      path: /people/{date}
      query: {}
      records: data
      pagination: { type: cursor, cursor_param: after, next_path: next, size_param: size, size: 2 }
    contract:
      on_unknown_field: discard_value
      max_rejected: 0%
      schema:
        type: object
        required: [email]
        properties:
          email: { type: string, format: email, maxLength: 254, x-pii: direct }
    raw_zone: restricted
    landing:
      email_token: { from: email, treat: token, scope: email, normal: email }
    drop: []
    primary_key: [email_token]
    on_duplicate: keep_last
`;

function argsFor(path: string, ...more: string[]): string[] {
  const source = `${api.url}/${encodeURIComponent(path)}`;
  return ['run', '--date', DATE, '--records', String(RECORDS), '--source', source, ...more];
}

function readError({ stdout }: Pick<CliEnd, 'stdout'>): object {
  const document: unknown = JSON.parse(stdout);
  return typeof document === 'object' && document !== null ? document : {};
}

/** All but the ledger, in which a failed run has its entry. */
async function readState(): Promise<Readonly<Record<string, string>>> {
  const all = await readTree(sandbox.project);
  return Object.fromEntries(Object.entries(all).filter(([path]) => !path.startsWith('data_lake/_runs/')));
}

/** What is as it was has been scanned already; the ledger, the user's folders and the outputs are new. */
async function expectUntouched(
  ends: Readonly<Record<string, Pick<CliEnd, 'stdout' | 'stderr'>>>,
): Promise<void> {
  expect(await readState()).toEqual(before);
  expect(elsewhere.requests).toEqual([]);
  const folders = ['project/data_lake/_runs', 'tmp', 'config', 'home'].map((name) =>
    join(sandbox.root, name),
  );
  const outputs: Record<string, string> = {};
  for (const [name, { stdout, stderr }] of Object.entries(ends)) outputs[name] = `${stdout}\n${stderr}`;
  expect(await scanForCanaries(folders, outputs)).toEqual([]);
  expect(await readTree(join(sandbox.root, 'tmp'))).toEqual({});
}
