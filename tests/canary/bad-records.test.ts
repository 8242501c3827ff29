import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRuns } from '../../src/ledger/read-runs.js';
import type { Captured } from '../commands/capture-output.js';
import { type CanaryPerson, makeCanaries, makeCanary, makeMovedCanary } from '../support/canary-people.js';
import { scanForCanaries } from '../support/canary.js';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { bytes, startStubApi, type StubApi } from '../support/stub-api.js';
import { queryFile } from './lake-files.js';
import { readTree } from './lake-tree.js';
import { runHere } from './run-here.js';

const DATE = '2026-01-01';
let sandbox: Sandbox;
let api: StubApi;
/** Texts of records, by the path that they are served under. */
const served = new Map<string, readonly string[]>();

beforeAll(async () => {
  sandbox = await makeSandbox();
  api = await startStubApi(({ path }) => {
    const records = served.get(path.split('/')[1] ?? '') ?? [];
    return bytes(`{"status":"OK","code":200,"total":${records.length},"data":[${records.join(',')}]}`);
  });
});
afterAll(async () => {
  await api.close();
  await sandbox.remove();
});

describe('bad records among a thousand', () => {
  const date = DATE;
  let end: Captured;
  beforeAll(async () => {
    const good = makeCanaries(1000 - BAD.length).map(write);
    end = await ingest(date, [...good, ...BAD.map(({ text }) => text)]);
  });

  it('are refused by code and path, and the rest lands', async () => {
    expect(await quarantineOf(date)).toEqual(
      BAD.flatMap(({ refusal }, i) => (refusal === null ? [] : [`${1000 - BAD.length + i}: ${refusal}`])),
    );
    const rejected = BAD.filter(({ refusal }) => refusal !== null).length;
    const counts = { fetched: 1000, rejected, landed: 1000 - rejected, duplicates: 0 };
    expect(end.exit).toBe(0);
    expect(JSON.parse(end.stdout)).toMatchObject({
      datasets: [{ ...counts, nulled: [{ path: 'address.city', count: 2 }] }],
    });
  });

  it('land masked like the rest where they are strange but allowed', async () => {
    const texts = await queryFile(
      landed(date),
      'select distinct firstname, lastname, street, email from landed order by email',
    );
    const hidden = { firstname: '***', lastname: '***', street: '***' };
    expect(texts).toEqual(
      ['***@gmail.com', '***@other', '***@yahoo.com'].map((email) => ({ ...hidden, email })),
    );
    const zips = await queryFile(landed(date), 'select distinct zipcode from landed order by 1');
    expect(zips).toEqual([{ zipcode: '***' }, { zipcode: '04' }, { zipcode: '41' }]);
  });

  it('are nowhere in the raw', async () => {
    await expectNothingRaw(end);
  });
});

it('all records bad: exit 4, nothing lands, no value in the ledger', async () => {
  const end = await ingest(
    '2026-01-02',
    makeCanaries(50).map((person) => write({ ...person, email: 'xKanaryMail is none' })),
  );
  expect(end.exit).toBe(4);
  expect(JSON.parse(end.stdout)).toMatchObject({ error: { code: 'E_REJECTED' } });
  expect(await landedOn('2026-01-02')).toEqual([]);
  const counts = {
    fetched: 50,
    landed: 0,
    rejected: 50,
    rejects: [{ code: 'format', path: 'email', count: 50 }],
  };
  const { runs } = await readRuns(join(sandbox.project, 'data_lake'), 1);
  expect(runs[0]).toMatchObject({ status: 'failed', datasets: [counts] });
  await expectNothingRaw(end);
});

describe('a source that has changed', () => {
  it('county_code for country_code, a new field: same columns, drift told, the field lands nowhere', async () => {
    const end = await ingest(
      '2026-01-03',
      makeCanaries(100).map((person) => {
        const { country_code: code, ...address } = person.address;
        return write({ ...person, ssn: 'Kanaryssn-1234', address: { ...address, county_code: code } });
      }),
    );
    expect(end.exit).toBe(0);
    const dataset = { landed: 100, rejected: 0, drift: expect.arrayContaining(DRIFT) as unknown };
    expect(JSON.parse(end.stdout)).toMatchObject({ datasets: [dataset] });
    const [row] = await queryFile(
      landed('2026-01-03'),
      `select count(country_code)::integer as codes, (select count(*)::integer from (describe landed)) as columns
       from landed`,
    );
    expect(row).toEqual({ codes: 100, columns: 15 });
    await expectNothingRaw(end);
  });

  it('a required field that is gone is refused by the contract', async () => {
    const end = await ingest(
      '2026-01-04',
      makeCanaries(100).map((person) => write({ ...person, birthday: undefined })),
    );
    expect(end.exit).toBe(4);
    expect(await landedOn('2026-01-04')).toEqual([]);
    await expectNothingRaw(end);
  });
});

it('31 letters against a pattern that backtracks: refused in good time', async () => {
  const slow = await makeSandbox((yaml) =>
    yaml.replace('firstname: { type: string,', (start) => `${start} pattern: '^(\\p{L}+ ?)+$',`),
  );
  try {
    const people = makeCanaries(100).map((person) => ({ ...person, firstname: 'Quokka' }));
    const letters = `Kanaryfirst${'a'.repeat(20)}`;
    served.set('slow', [...people, makeCanary(200, { firstname: `${letters}!` })].map(write));
    const args = ['ingest', '--date', DATE, '--records', '101', '--source', `${api.url}/slow`, '--json'];
    const { exit, stdout, stderr } = await slow.run(args, { LOG_LEVEL: 'debug' });
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      datasets: [{ landed: 100, rejected: 1, rejects: [{ code: 'too_slow', path: '', count: 1 }] }],
    });
    expect(await scanForCanaries([slow.root], { stdout, stderr })).toEqual([]);
  } finally {
    await slow.remove();
  }
});

const DRIFT = [
  { kind: 'new_field', path: expect.stringMatching(/^<undeclared [0-9a-f]{8}>$/) as string, count: 100 },
  { kind: 'missing_field', path: 'address.country_code', count: 100 },
];

interface BadRecord {
  readonly text: string;
  /** `code path`, or null if it lands. */
  readonly refusal: string | null;
}

const MEGABYTE = 'Kanaryfirst'.repeat(95_326);

/** Each is a person of its own, so that none is a duplicate of another. */
const BAD: readonly BadRecord[] = [
  refused('missing email', (person) => write({ ...person, email: undefined })),
  refused('type firstname', (person) => write({ ...person, firstname: 5_550_147_319 })),
  refused('format birthday', (person) => write({ ...person, birthday: '2024-02-30' })),
  refused('format birthday', (person) => write({ ...person, birthday: '1996-5-30' })),
  refused('length firstname', (person) => write({ ...person, firstname: '' })),
  refused('enum gender', (person) => write({ ...person, gender: person['email'] })),
  refused('pattern address.country', (_, n) =>
    write(makeMovedCanary(n, { country: 'xKanaryMail@a.example' })),
  ),
  lands((_, n) => write(makeMovedCanary(n, { city: 'xKanaryMail@kanaryhost.example' }))),
  refused('enum gender', (person) =>
    write(person)
      .replace('{', '{"gender":"male",')
      .replace(/"gender":"\w+"(?=,"address)/, '"gender":"xKanaryMail@a.example"'),
  ),
  lands((person) => write(person).replace('{', '{"gender":"xKanaryMail@a.example",')),
  lands((person) => write({ ...person, 'xKanarykey@kanaryhost.example': 1, Kanarykey: 2 })),
  refused('missing email', (person) =>
    write({ ...person, email: undefined }).replace('{', '{"__proto__":{"email":"xKanaryMail@gmail.com"},'),
  ),
  lands((person) =>
    write(person).replace('{', '{"__proto__":{"gender":"Kanarykey"},"constructor":"Kanarykey",'),
  ),
  refused('text_invalid firstname', (person) => write({ ...person, firstname: 'Kanaryfirst\ud800' })),
  lands((_, n) => write(makeMovedCanary(n, { city: 'Kanarystreet\udc00' }))),
  refused('text_invalid firstname', (person) =>
    write({ ...person, firstname: 'Kanaryfirst\u0000Kanaryfirst' }),
  ),
  lands((person) => write({ ...person, firstname: '👩‍👩‍👧‍👦Kanaryfirst🏳️‍🌈', lastname: '🏳️‍🌈' })),
  lands((person) => write({ ...person, firstname: '\u202eKanaryfirst', lastname: 'שלום Kanärylast' })),
  lands((person) => write({ ...person, firstname: 'Q', lastname: 'Ö' })),
  refused('length firstname', (person) => write({ ...person, firstname: MEGABYTE })),
  lands((person) => write({ ...person, undeclared: MEGABYTE })),
  refused('integer_unsafe id', (person) => write(person).replace(/"id":\d+/, '"id":9007199254740993')),
  refused('integer_unsafe address.latitude', (person) => write(person).replace('48.1372915', '1e400')),
  refused('type address.zipcode', (_, n) => write(makeMovedCanary(n, { zipcode: 4753 }))),
  lands((_, n) => write(makeMovedCanary(n, { zipcode: '04753' }))),
  lands((_, n) => write(makeMovedCanary(n, { zipcode: 'Q' }))),
].map((make, i) => make(5000 + i));

type Make = (person: CanaryPerson, n: number) => string;

function refused(refusal: string, make: Make): (n: number) => BadRecord {
  return (n) => ({ text: make(makeCanary(n), n), refusal });
}

function lands(make: Make): (n: number) => BadRecord {
  return (n) => ({ text: make(makeCanary(n), n), refusal: null });
}

function write(record: unknown): string {
  return JSON.stringify(record);
}

async function ingest(date: string, records: readonly string[]): Promise<Captured> {
  served.set(date, records);
  const source = `${api.url}/${date}`;
  return await runHere(
    sandbox,
    ['ingest', '--date', date, '--records', String(records.length), '--source', source, '--json'],
    { LOG_LEVEL: 'debug', RETRIES: '0' },
  );
}

function landed(date: string): string {
  return `${sandbox.lake}/raw/${date.replaceAll('-', '/')}/persons.parquet`;
}

async function landedOn(date: string): Promise<string[]> {
  const folder = date.replaceAll('-', '/');
  return Object.keys(await readTree(sandbox.lake)).filter(
    (path) => /^(raw|quarantine)/.test(path) && path.includes(folder),
  );
}

async function quarantineOf(date: string): Promise<string[]> {
  const rows = await queryFile(
    landed(date).replace('/raw/', '/quarantine/'),
    'select position, code, path from landed',
  );
  return rows.map(({ position, code, path }) => `${String(position)}: ${String(code)} ${String(path)}`);
}

async function expectNothingRaw({ stdout, stderr }: Captured): Promise<void> {
  expect(await scanForCanaries([sandbox.root], { stdout, stderr })).toEqual([]);
  expect(await readTree(`${sandbox.lake}/_staging`)).toEqual({});
}
