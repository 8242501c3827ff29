import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCanaries, makeCanary } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import {
  type Answer,
  bytes,
  failFirst,
  hangUpMidBody,
  html,
  json,
  nextLink,
  page,
  redirect,
  reset,
  resetMidBody,
  retryAfter,
  startStubApi,
  type StubRequest,
  truncatedJson,
} from '../support/stub-api.js';
import {
  answerFrom,
  DATE,
  type Fault,
  PEOPLE,
  readError,
  RECORDS,
  tryFaults,
  useFaultySource,
} from './faulty-scene.js';
import { readTree } from './lake-tree.js';
import { runHere } from './run-here.js';

/** Each fault under its own path; a canary goes along wherever there is a place for one. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a refusal that tells (404)': { answer: () => json(PEOPLE, {}, 404), code: 'E_SOURCE_STATUS' },
  'too many requests for ever (429)': { answer: () => retryAfter(0), code: 'E_SOURCE_STATUS' },
  'a wait of an hour (429)': { answer: () => retryAfter(3600), code: 'E_SOURCE_RETRY_AFTER' },
  'a reset': { answer: () => reset(), code: 'E_SOURCE_CONNECT' },
  'an end in the body': { answer: () => hangUpMidBody(PEOPLE), code: 'E_SOURCE_BODY' },
  'half a JSON text': { answer: () => truncatedJson(PEOPLE), code: 'E_SOURCE_NOT_JSON' },
  'a page of HTML': { answer: () => html(), code: 'E_SOURCE_NOT_JSON' },
  'no gzip': {
    answer: () => bytes(JSON.stringify(PEOPLE), { 'content-encoding': 'gzip' }),
    code: 'E_SOURCE_BODY',
  },
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
    answer: () => redirect(`${scene.elsewhere.url}/?mail=KanaryMail`),
    code: 'E_SOURCE_REDIRECT',
  },
};

const answerFault = answerFrom(FAULTS);
const scene = useFaultySource(answer);

function answer(name: string, { query }: StubRequest): Answer {
  if (name === 'refused') return json(PEOPLE, {}, 500);
  if (name === 'once') return failFirst(1, resetMidBody(PEOPLE), page(makeCanaries(RECORDS)));
  if (name === 'cursor') return answerCursor(query.get('after'));
  return answerFault(name);
}

tryFaults(scene, FAULTS);

it('names origin, path template, page and tries', async () => {
  const end = await runHere(scene.sandbox, scene.argsFor('refused', '--json'), { RETRIES: '1' });
  const where = { origin: scene.api.url, path: '/api/v2/persons', page: 0, tries: 2, stage: 'fetch' };
  expect(readError(end)).toMatchObject({ error: { where } });
});

it('an API that is down is exit 3', async () => {
  const gone = await startStubApi(() => page([]));
  await gone.close();
  const args = ['run', '--date', DATE, '--records', String(RECORDS), '--source', gone.url, '--json'];
  const end = await runHere(scene.sandbox, args, { RETRIES: '1' });
  expect(readError(end)).toMatchObject({ error: { code: 'E_SOURCE_CONNECT', where: { tries: 2 } } });
  expect(end.exit).toBe(3);
  await scene.expectUntouched({ end });
});

it('a fault that passes is tried again, and the run succeeds', async () => {
  const args = ['ingest', '--limit-pages', '1', ...scene.argsFor('once', '--json').slice(1)];
  const end = await runHere(scene.sandbox, args, { RETRIES: '1', LOG_LEVEL: 'debug' });
  expect(end.exit).toBe(0);
  expect(JSON.parse(end.stdout)).toMatchObject({ datasets: [{ fetched: RECORDS }] });
  await scene.expectUntouched({ end });
});

describe('a cursor that holds somebody', () => {
  let people: Sandbox;
  beforeAll(async () => {
    people = await makeSandbox();
    await rm(join(people.project, 'pipelines', 'persons.yaml'));
    await writeFile(join(people.project, 'pipelines', 'people.yaml'), CURSOR_PIPELINE);
  });
  afterAll(async () => {
    await people.remove();
  });

  it('is in no error, log or file when a later page fails', async () => {
    const args = ['run', 'people', '--date', DATE, '--source', `${scene.api.url}/cursor`];
    const environment = { RETRIES: '1', LOG_LEVEL: 'debug' };
    const forProgram = await runHere(people, [...args, '--json'], environment);
    const forPerson = await runHere(people, args, environment);
    expect([forProgram.exit, forPerson.exit]).toEqual([3, 3]);
    expect(scene.api.requests.map(({ query }) => query.get('after'))).toContain(CURSOR);
    const outputs = { program: JSON.stringify(forProgram), person: JSON.stringify(forPerson) };
    expect(await scanForCanaries([people.root], outputs)).toEqual([]);
    expect(await readTree(join(people.lake, 'raw'))).toEqual({});
    await scene.expectUntouched({ forProgram, forPerson });
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
